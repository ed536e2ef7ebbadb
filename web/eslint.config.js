import compat from 'eslint-plugin-compat';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';

// Methods younger than Chrome 80 that TypeScript's library list does not rule out.
const youngMethods = [
  'at',
  'checkVisibility',
  'findLast',
  'hasOwn',
  'randomUUID',
  'replaceAll',
  'replaceChildren',
  'requestVideoFrameCallback',
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'templates/'] },
  ...tseslint.configs.recommendedTypeChecked,
  ...vue.configs['flat/recommended'],
  compat.configs['flat/recommended'],
  {
    files: ['**/*.ts', '**/*.vue'],
    languageOptions: {
      parserOptions: {
        parser: tseslint.parser,
        project: ['./tsconfig.json', './tsconfig.node.json'],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    settings: { lintAllEsApis: true },
    rules: {
      eqeqeq: 'error',
      complexity: ['error', 10],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 350, skipBlankLines: true }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true }],
      'no-console': 'error',
      '@typescript-eslint/explicit-function-return-type': ['error', { allowExpressions: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // Text for people is in the message catalogues.
      'vue/no-bare-strings-in-template': 'error',
      'vue/no-v-html': 'error',
      // What a composable returns (`const { t } = useI18n()`) are closures, whatever their type says.
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-syntax': [
        'error',
        {
          selector: `CallExpression[optional=false] > MemberExpression.callee[property.name=/^(${youngMethods.join('|')})$/]`,
          message: 'Chrome 80 does not have it: test for it, or do without.',
        },
      ],
      // How a template is broken into lines is left to its author.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/multi-word-component-names': 'off',
    },
  },
  {
    // The protocol and the media connections know no page, so that any page can use them.
    files: ['src/client/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'document', 'window', 'localStorage', 'sessionStorage'],
    },
  },
  {
    files: ['**/*.test.ts'],
    rules: {
      'max-lines-per-function': 'off',
      'compat/compat': 'off',
      'no-restricted-syntax': 'off',
    },
  },
  {
    files: ['vite.config.ts', '*.js'],
    rules: { 'compat/compat': 'off' },
  },
  { files: ['*.js'], ...tseslint.configs.disableTypeChecked },
);
