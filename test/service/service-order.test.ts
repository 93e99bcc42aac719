import { expect, test } from 'vitest'
import { serviceOrder } from '../../src/service/service-order.ts'

test.each(['{"service":"compute"}', 'nonsense'])('a process that no launcher forked has no order, whatever the variable says (%s), and hands it on to nobody', (text) => {
  process.env['MILLRACE_SERVICE'] = text
  expect(serviceOrder()).toBeNull()
  expect(process.env['MILLRACE_SERVICE']).toBeUndefined()
})
