import stylelint from 'stylelint';

// The floor of the live pages is Chrome 80: what it does not know is refused here, by name.

const gapRule = 'floor/gap-only-in-grid';

/** Chrome 80 knows `gap` in grids only; the rule that sets it must therefore be the grid's own. */
const gapOnlyInGrid = stylelint.createPlugin(gapRule, (enabled) => (root, result) => {
  if (!enabled) return;
  root.walkDecls(/^(row-|column-)?gap$/, (node) => {
    const grid = node.parent?.nodes.some(
      (other) => other.type === 'decl' && other.prop === 'display' && /grid/.test(other.value),
    );
    if (!grid) {
      const message = `"${node.prop}" needs "display: grid" in the same rule: Chrome 80 ignores it in flex boxes (${gapRule})`;
      stylelint.utils.report({ ruleName: gapRule, result, node, message });
    }
  });
});

export default {
  plugins: [gapOnlyInGrid],
  ignoreFiles: ['dist/**', 'node_modules/**'],
  overrides: [{ files: ['**/*.vue'], customSyntax: 'postcss-html' }],
  rules: {
    [gapRule]: true,
    'property-disallowed-list': [
      'accent-color',
      'appearance',
      'aspect-ratio',
      'block-size',
      'color-scheme',
      'content-visibility',
      'inline-size',
      'rotate',
      'scale',
      'scrollbar-color',
      'scrollbar-gutter',
      'scrollbar-width',
      'text-wrap',
      'translate',
      '/^container/',
      '/^inset/',
      '/^(margin|padding|border|scroll-margin|scroll-padding)-(inline|block)/',
      '/^(min|max)-(inline|block)-size$/',
    ],
    'declaration-property-value-disallowed-list': {
      '/^overflow/': ['clip'],
      '/^(float|clear)$/': ['inline-start', 'inline-end'],
    },
    'selector-pseudo-class-disallowed-list': ['focus-visible', 'has', 'is', 'where', 'user-valid', 'user-invalid', 'modal', 'dir'],
    'selector-not-notation': 'simple',
    'selector-nested-pattern': '^$',
    'at-rule-disallowed-list': ['container', 'layer', 'nest', 'property', 'scope', 'starting-style'],
    'media-feature-range-notation': 'prefix',
    'function-disallowed-list': ['color', 'color-mix', 'hwb', 'lab', 'lch', 'light-dark', 'oklab', 'oklch'],
    'unit-disallowed-list': ['dvh', 'dvw', 'lvh', 'lvw', 'svh', 'svw', 'cqh', 'cqw'],

    'block-no-empty': true,
    'color-no-invalid-hex': true,
    'custom-property-no-missing-var-function': true,
    'declaration-block-no-duplicate-properties': [true, { ignore: ['consecutive-duplicates-with-different-values'] }],
    'declaration-block-no-shorthand-property-overrides': true,
    'font-family-no-missing-generic-family-keyword': true,
    'no-duplicate-selectors': true,
    'no-invalid-double-slash-comments': true,
    'property-no-unknown': true,
    'selector-pseudo-class-no-unknown': [true, { ignorePseudoClasses: ['deep', 'slotted', 'global'] }],
    'selector-pseudo-element-no-unknown': true,
    'unit-no-unknown': true,
  },
};
