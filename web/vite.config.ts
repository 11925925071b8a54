import { defineConfig } from 'vitest/config';

const page = (name: string) => new URL(`./${name}.html`, import.meta.url).pathname;

// One page a surface; control serves `/studio/{event}` from studio.html and so on, so every asset is named from the root.
export default defineConfig({
  appType: 'mpa',
  base: '/',
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact', legalComments: 'none' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    assetsDir: 'assets',
    assetsInlineLimit: 0, // data: URLs would need a hole in the content security policy
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700, // kB before gzip: hls.js alone is 600
    rollupOptions: {
      input: {
        index: page('index'),
        studio: page('studio'),
        'control-room': page('control-room'),
        watch: page('watch'),
        embed: page('embed'),
      },
    },
  },
  test: { include: ['**/*.test.ts'], exclude: ['node_modules', 'dist'] },
});
