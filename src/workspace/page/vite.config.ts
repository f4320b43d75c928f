import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the workspace page into dist/page at the root of the repository, with relative addresses. */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [react()],
  build: {
    outDir: path.resolve(import.meta.dirname, '../../../dist/page'),
    emptyOutDir: true,
    chunkSizeWarningLimit: 800,
  },
});
