import { fileURLToPath } from 'node:url';

import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// The server renders the pages (templates/, jinja2) and finds the hashed files by the manifest.
// Chrome 80 is the floor of the live pages; lowering the syntax to 70 costs nothing.
export default defineConfig({
  base: '/static/',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    target: 'chrome70',
    cssTarget: 'chrome80',
    manifest: true,
    outDir: here('./dist'),
    emptyOutDir: true,
    // Media files and fonts stay files, so that the content security policy needs no data: URLs.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        live: here('./src/live/main.ts'),
        archive: here('./src/archive/main.ts'),
        companion: here('./src/companion/main.ts'),
        pages: here('./src/styles/pages.css'),
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    // The tests of the tokens read the style sheets themselves.
    css: true,
  },
});
