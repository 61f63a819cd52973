import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["node_modules", "src/api/schema.gen.ts", "dist"] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  hooks.configs.flat["recommended-latest"],
  a11y.flatConfigs.strict,
  {
    files: ["**/*.{ts,tsx}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
      complexity: ["error", 14],
      "no-console": "error",
    },
  },
  {
    files: ["tests/**/*.{ts,tsx}"],
    rules: {
      // `act` answers a promise to asynchronous work only; its types say that it always does.
      "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: ["act"] }],
    },
  },
  // Half of what these scripts hold runs inside the browser: one list of globals would be wrong for either half.
  { files: ["**/*.{js,mjs}"], rules: { "no-undef": "off" } },
);
