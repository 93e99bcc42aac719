import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      include: ['src/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: {
        'src/http/**': { branches: 100 },
        'src/compose/**': { branches: 100 },
        'src/paste/**': { branches: 100 },
        'src/service/worker-state.ts': { branches: 100 },
      },
    },
  },
})
