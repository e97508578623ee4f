import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const folder = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Builds the console. `npx vite server/web` serves it with hot reload against a server on port 8080. */
export default defineConfig(({ command }) => {
  // Whoever builds, a test runner with a NODE_ENV of its own too, builds for production.
  if (command === 'build') process.env['NODE_ENV'] = 'production'
  return {
    root: folder('.'),
    plugins: [react()],
    build: {
      outDir: folder('../../build/web'),
      emptyOutDir: true,
      target: 'es2023',
      // The policy of the server forbids inline scripts and data: scripts; every asset is a file of its own.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 700,
    },
    server: { proxy: { '/api/v1': 'http://127.0.0.1:8080' } },
  }
})
