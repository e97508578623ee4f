/** Products that customers run, and how long their versions are supported. */
import { Button, Table, Text } from '@mantine/core'
import { IconPackage, IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { StoredProduct } from '../../../shared/api/plans/product-api.ts'
import { productsQuery } from '../api/catalog-queries.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useNow } from '../components/use-now.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'
import { ProductModal } from './product-modal.tsx'
import { dateWords, newestFirst } from './release-words.ts'

const SHOWN_RELEASES = 3

function Releases({ releases }: Pick<StoredProduct, 'releases'>) {
  if (releases.length === 0) return <span className="quiet">none yet</span>
  const [newest, ...older] = newestFirst(releases)
  return (
    <>
      <div>
        <b className="mono">{newest?.version}</b> <span className="quiet">{newest && dateWords(newest.releasedOn)}</span>
      </div>
      {older.length > 0 && (
        <Text size="xs" c="dimmed">
          before:{' '}
          {older
            .slice(0, SHOWN_RELEASES)
            .map(release => release.version)
            .join(', ')}
          {older.length > SHOWN_RELEASES ? ` and ${older.length - SHOWN_RELEASES} more` : ''}
        </Text>
      )}
    </>
  )
}

function EndOfLife({ endOfLife }: { endOfLife: StoredProduct['endOfLife'] | undefined }) {
  const nowMs = useNow()
  if (!endOfLife) return <span className="quiet">not announced</span>
  const isOver = endOfLife.on <= new Date(nowMs).toLocaleDateString('en-CA')
  return (
    <>
      <Tag tone={isOver ? 'bad' : 'warn'}>
        {isOver ? 'since' : 'on'} {dateWords(endOfLife.on)}
      </Tag>
      {endOfLife.alternative && (
        <Text size="xs" c="dimmed" mt={2}>
          instead: {endOfLife.alternative}
        </Text>
      )}
    </>
  )
}

/** List, create, change. */
export function ProductsPage() {
  const products = useQuery(productsQuery)
  const mayChange = useMay('manage')
  const [opened, setOpened] = useState<StoredProduct | 'new' | null>(null)
  if (products.isPending) return <PageLoader />
  const all = (products.data ?? []).toSorted((one, other) => one.name.localeCompare(other.name))
  const newButton = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setOpened('new')}>
      New product
    </Button>
  )
  return (
    <div className="page page-narrow">
      <PageHead
        title="Products"
        note="What a release is worth under a plan follows from its version policy; tickets and devices say when theirs is not supported."
        actions={mayChange && all.length > 0 ? newButton : undefined}
      />
      <ProblemAlert error={products.error} again={products.refetch} />
      {all.length === 0 && !products.isError && (
        <NothingHere icon={<IconPackage />} title="No products yet" action={mayChange ? newButton : undefined}>
          With its releases written down, a ticket that names a product and version says whether the plan supports it.
        </NothingHere>
      )}
      {all.length > 0 && (
        <div className="table-box">
          <Table verticalSpacing="xs" aria-label="Products">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Product</Table.Th>
                <Table.Th>Current release</Table.Th>
                <Table.Th>End of life</Table.Th>
                <Table.Th>Supported until</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map(product => (
                <Table.Tr key={product.id}>
                  <Table.Td>
                    <Text size="sm" fw={550}>
                      {mayChange ? (
                        <button type="button" className="link-button" onClick={() => setOpened(product)}>
                          {product.name}
                        </button>
                      ) : (
                        product.name
                      )}
                    </Text>
                    <Text size="xs" c="dimmed" className="mono">
                      {product.id}
                    </Text>
                  </Table.Td>
                  <Table.Td>
                    <Releases releases={product.releases} />
                  </Table.Td>
                  <Table.Td>
                    <EndOfLife endOfLife={product.endOfLife} />
                  </Table.Td>
                  <Table.Td style={{ whiteSpace: 'nowrap' }}>
                    {product.endOfLife ? (
                      dateWords(product.endOfLife.supportedUntil ?? product.endOfLife.on)
                    ) : (
                      <span className="quiet">no end known</span>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {opened !== null && <ProductModal product={opened === 'new' ? null : opened} onClose={() => setOpened(null)} />}
    </div>
  )
}
