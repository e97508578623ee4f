/** What of a defect changes: class, severity, status, estimate, and the release that has the fix. */
import { Button, Group, Paper, Select, Stack, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { DefectDetail, DefectPatch } from '../../../shared/api/defects/defect-api.ts'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { levelWord } from '../components/truth-words.ts'
import { useFields } from '../components/use-fields.ts'
import { newestFirst } from '../products/release-words.ts'
import { useMay } from '../session/use-session.ts'
import { callApi } from '../api/api-client.ts'
import { productsQuery } from '../api/catalog-queries.ts'
import { CLASS_CHOICES, STATUS_CHOICES } from './defect-words.ts'

const SEVERITIES = [1, 2, 3, 4].map(level => ({ value: String(level), label: `${level} ${levelWord(level)}` }))
const RELEASE = '\u0000'

/** The severity is for managers; a change on an older version is refused. */
export function DefectFields({
  defect,
  mayWrite,
  keep,
}: {
  defect: DefectDetail
  mayWrite: boolean
  keep: (defect: DefectDetail) => void
}) {
  const mayRate = useMay('manage')
  const products = useQuery(productsQuery)
  const patch = useMutation({
    mutationFn: (body: DefectPatch) => callApi<DefectDetail>('PATCH', `/defects/${defect.id}`, { body }),
    onSuccess: keep,
    meta: { isShownInPlace: true },
  })
  const before = {
    class: defect.class as string,
    severity: defect.severity === null ? '' : String(defect.severity),
    status: defect.status as string,
    estimateOn: defect.estimateOn ?? '',
    fixedIn: defect.fixedIn ? `${defect.fixedIn.productId}${RELEASE}${defect.fixedIn.version}` : '',
  }
  const fields = useFields(before, patch.error)
  const { values } = fields
  const releases = (products.data ?? []).map(product => ({
    group: product.name,
    items: newestFirst(product.releases).map(({ version }) => ({
      value: `${product.id}${RELEASE}${version}`,
      label: `${product.name} ${version}`,
    })),
  }))
  const isChanged = Object.entries(before).some(([name, value]) => values[name as keyof typeof before] !== value)
  const pick = (name: keyof typeof before) => ({
    size: 'xs' as const,
    disabled: !mayWrite,
    value: values[name] === '' ? null : values[name],
    onChange: (value: string | null) => fields.set(name, value ?? ''),
    error: fields.fault(name),
  })
  const send = (): void => {
    const [productId = '', version = ''] = values.fixedIn.split(RELEASE)
    patch.mutate({
      version: defect.version,
      class: values.class as NonNullable<DefectPatch['class']>,
      status: values.status as NonNullable<DefectPatch['status']>,
      estimateOn: values.estimateOn === '' ? null : values.estimateOn,
      fixedIn: values.fixedIn === '' ? null : { productId, version },
      ...(values.severity === before.severity || values.severity === '' ? {} : { severity: Number(values.severity) }),
    })
  }
  return (
    <Paper p="md" component="section" aria-label="State">
      <Title order={2} size="h4" mb="sm">
        State
      </Title>
      <form
        onSubmit={event => {
          event.preventDefault()
          send()
        }}
      >
        <Stack gap="xs">
          <ProblemAlert error={patch.error} />
          <Group grow gap="xs" align="flex-start">
            <Select label="Status" allowDeselect={false} data={STATUS_CHOICES} {...pick('status')} />
            <Select label="Class" allowDeselect={false} data={CLASS_CHOICES} {...pick('class')} />
          </Group>
          <Group grow gap="xs" align="flex-start">
            <Select
              label="Severity"
              placeholder="Not rated"
              allowDeselect={false}
              data={SEVERITIES}
              {...pick('severity')}
              disabled={!mayWrite || !mayRate}
            />
            <TextInput type="date" label="Fix expected" size="xs" disabled={!mayWrite} {...fields.input('estimateOn')} />
          </Group>
          <Select
            label="Fixed in"
            placeholder={products.data?.length === 0 ? 'Write a product with its releases first' : 'No release yet'}
            searchable
            clearable
            clearButtonProps={{ 'aria-label': 'No release yet' }}
            data={releases}
            {...pick('fixedIn')}
          />
          {mayWrite && (
            <Group justify="flex-end">
              <Button type="submit" size="xs" loading={patch.isPending} disabled={!isChanged}>
                Keep
              </Button>
            </Group>
          )}
        </Stack>
      </form>
    </Paper>
  )
}
