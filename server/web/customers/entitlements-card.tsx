/** What the plan gives beside its clocks, and what is left of it. */
import { ActionIcon, Button, Group, Modal, NumberInput, Paper, Progress, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { modals } from '@mantine/modals'
import { IconTrash } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { EntitlementBalance, EntitlementUse, EntitlementUseInput } from '../../../shared/api/contracts/entitlement-api.ts'
import { callApi } from '../api/api-client.ts'
import { entitlementsQuery, entitlementUsesQuery } from '../api/customer-queries.ts'
import { keys } from '../api/query-keys.ts'
import { showDone } from '../api/show-problem.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { fullTime } from '../components/time-words.ts'
import { useFields } from '../components/use-fields.ts'

const PER_WORDS = { month: 'this month', year: 'this year', product: 'for each product', contract: 'in the contract' } as const

/** `2.5 of 4 hours left this year`. */
function balanceText({ unit, per, amount, left }: EntitlementBalance): string {
  if (unit === 'included') return 'Included'
  if (amount === null || left === null) return `Without limit, counted in ${unit}`
  return `${left} of ${amount} ${unit} left ${PER_WORDS[per]}`
}

function UseModal({ customerId, entitlement, onClose }: { customerId: string; entitlement: EntitlementBalance; onClose: () => void }) {
  const client = useQueryClient()
  const uses = useQuery(entitlementUsesQuery(customerId, entitlement.id))
  const [amount, setAmount] = useState<number | string>(1)
  const path = `/customers/${customerId}/entitlements/${entitlement.id}/uses`
  const refresh = (): void => {
    void client.invalidateQueries({ queryKey: keys.entitlements(customerId) })
    void client.invalidateQueries({ queryKey: keys.usage(customerId) })
  }
  const add = useMutation({
    mutationFn: (body: EntitlementUseInput) => callApi<EntitlementUse>('POST', path, { body }),
    onSuccess: used => {
      refresh()
      fields.reset()
      showDone(`${used.amount} ${entitlement.unit} written down`)
    },
    meta: { isShownInPlace: true },
  })
  const cancel = useMutation({
    mutationFn: (useId: string) => callApi('DELETE', `${path}/${useId}`),
    onSuccess: refresh,
  })
  const askCancel = (use: EntitlementUse): void => {
    modals.openConfirmModal({
      title: 'Cancel this use?',
      children: (
        <Text size="sm">
          It stays in the list, marked, and its {use.amount} {entitlement.unit} are free again.
        </Text>
      ),
      labels: { confirm: 'Cancel the use', cancel: 'Keep' },
      onConfirm: () => cancel.mutate(use.id),
    })
  }
  const fields = useFields({ note: '', product: '' }, add.error)
  const isPerProduct = entitlement.per === 'product'
  return (
    <Modal opened onClose={onClose} size="lg" title={entitlement.name}>
      <Stack gap="md">
        <Text size="sm">{balanceText(entitlement)}</Text>
        <form
          onSubmit={event => {
            event.preventDefault()
            const { note, product } = fields.values
            add.mutate({ amount: Number(amount), note, ...(product === '' ? {} : { product }) })
          }}
        >
          <Stack gap="sm" className="inset">
            <ProblemAlert error={add.error} hidesFaults />
            <div className="three-fields">
              <NumberInput
                label={`Used (${entitlement.unit})`}
                min={0.25}
                step={entitlement.unit === 'hours' ? 0.25 : 1}
                decimalScale={2}
                value={amount}
                onChange={setAmount}
                error={fields.fault('amount')}
                data-autofocus
              />
              {isPerProduct && <TextInput label="Product" required maxLength={120} {...fields.input('product')} />}
              <TextInput label="What for" required maxLength={500} placeholder="Staff training, 2 people" {...fields.input('note')} />
            </div>
            <Group>
              <Button type="submit" size="xs" loading={add.isPending} disabled={Number(amount) <= 0 || fields.values.note.trim() === ''}>
                Write it down
              </Button>
            </Group>
          </Stack>
        </form>
        <ProblemAlert error={uses.error} again={uses.refetch} />
        {uses.data?.length === 0 && (
          <Text size="sm" c="dimmed">
            Nothing was used yet.
          </Text>
        )}
        {uses.data && uses.data.length > 0 && (
          <div className="scroll-box">
            <Table verticalSpacing={4} aria-label="Uses">
              <Table.Tbody>
                {uses.data.map(use => (
                  <Table.Tr key={use.id} className={use.cancelledAt ? 'is-cancelled' : undefined}>
                    <Table.Td>{fullTime(use.at)}</Table.Td>
                    <Table.Td>
                      {use.amount} {entitlement.unit}
                    </Table.Td>
                    <Table.Td>
                      {use.product ? `${use.product}: ` : ''}
                      {use.note}
                    </Table.Td>
                    <Table.Td ta="right">
                      {use.cancelledAt ? (
                        <Tag>cancelled</Tag>
                      ) : (
                        <ActionIcon variant="subtle" color="gray" aria-label={`Cancel ${use.note}`} onClick={() => askCancel(use)}>
                          <IconTrash size={16} />
                        </ActionIcon>
                      )}
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </div>
        )}
      </Stack>
    </Modal>
  )
}

/** Balances as bars; nothing at all when the plan gives none. */
export function EntitlementsCard({ customerId, mayChange }: { customerId: string; mayChange: boolean }) {
  const entitlements = useQuery(entitlementsQuery(customerId))
  const [openId, setOpenId] = useState<string | null>(null)
  const active = entitlements.data?.filter(item => item.isActive) ?? []
  const offered = entitlements.data?.filter(item => !item.isActive) ?? []
  const opened = active.find(item => item.id === openId)
  if (entitlements.data?.length === 0) return null
  return (
    <Paper p="md" component="section" aria-label="Entitlements">
      <Title order={2} size="h4" mb="sm">
        Entitlements
      </Title>
      <ProblemAlert error={entitlements.error} again={entitlements.refetch} />
      <div className="meters">
        {active.map(item => (
          <div key={item.id}>
            <div className="meter-line">
              <Text size="sm" fw={600}>
                {item.name}
              </Text>
              {mayChange && item.unit !== 'included' && (
                <Button
                  size="compact-xs"
                  variant="default"
                  ml="auto"
                  onClick={() => setOpenId(item.id)}
                  aria-label={`Uses of ${item.name}`}
                >
                  Uses
                </Button>
              )}
            </div>
            {item.amount !== null && item.amount > 0 && item.unit !== 'included' && (
              <Progress
                value={Math.min(100, (item.used / item.amount) * 100)}
                color={item.left === 0 ? 'var(--bad)' : 'var(--ink-link)'}
                size="sm"
                mt={5}
                aria-label={`${item.name} used`}
              />
            )}
            <Text size="xs" c="dimmed" mt={4}>
              {balanceText(item)}
            </Text>
          </div>
        ))}
      </div>
      {offered.length > 0 && (
        <Text size="sm" c="dimmed" mt="sm">
          Can be bought: {offered.map(item => item.name).join(', ')}.
        </Text>
      )}
      {opened && <UseModal customerId={customerId} entitlement={opened} onClose={() => setOpenId(null)} />}
    </Paper>
  )
}
