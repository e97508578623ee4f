/** The rows of the fleet: only those in view exist, however many there are. Cards on phones. */
import { useMediaQuery } from '@mantine/hooks'
import { useTable, type SortingState } from '@tanstack/react-table'
import { useWindowVirtualizer } from '@tanstack/react-virtual'
import { useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type Ref } from 'react'
import { useLocation } from 'wouter'
import type { Device } from '../../../shared/api/devices/device-api.ts'
import { FleetCard } from './fleet-card.tsx'
import { FleetHead } from './fleet-head.tsx'
import { FleetRow } from './fleet-row.tsx'
import { fleetColumns, fleetFeatures, WORST_FIRST } from './fleet-table.ts'

export type FleetListHandle = { focusFirst(): void; openFirst(): void }
const ROW_PX = 46
const CARD_PX = 104
const PAGE_STEP = 12

/** Sorted by a click on the head; arrows, Page Up/Down, Home and End move, Enter opens. */
export function FleetList({ devices, ref }: { devices: Device[]; ref: Ref<FleetListHandle> }) {
  const [, go] = useLocation()
  const isPhone = useMediaQuery('(max-width: 48em)', window.innerWidth <= 768, { getInitialValueInEffect: false })
  const [sorting, setSorting] = useState<SortingState>(WORST_FIRST)
  const table = useTable({
    features: fleetFeatures,
    columns: fleetColumns,
    data: devices,
    getRowId: device => device.id,
    state: { sorting },
    onSortingChange: setSorting,
    enableSortingRemoval: false,
    enableMultiSort: false,
  })
  const { rows } = table.getRowModel()
  const box = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState(0)
  useLayoutEffect(() => {
    const measure = (): void => setTop(box.current?.offsetTop ?? 0)
    measure()
    window.addEventListener('resize', measure)
    return () => window.removeEventListener('resize', measure)
  }, [])
  // The rule is about the React compiler, which this build does not use.
  // oxlint-disable-next-line react/incompatible-library
  const virtualizer = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (isPhone ? CARD_PX : ROW_PX),
    overscan: 8,
    scrollMargin: top,
    scrollPaddingStart: 90,
    getItemKey: index => rows[index]?.id ?? index,
  })
  useLayoutEffect(() => virtualizer.measure(), [isPhone, virtualizer])

  const [active, setActive] = useState(0)
  const focusRow = (index: number): void => {
    const wanted = Math.max(0, Math.min(rows.length - 1, index))
    setActive(wanted)
    virtualizer.scrollToIndex(wanted, { align: 'auto' })
    // The row may only exist after the scroll.
    requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(`[data-index="${wanted}"]`)?.focus({ preventScroll: true }))
  }
  const open = (index: number): void => {
    const device = rows[index]?.original
    if (device) go(`/devices/${device.id}`)
  }
  useImperativeHandle(ref, () => ({ focusFirst: () => focusRow(0), openFirst: () => open(0) }))
  const moves: Record<string, (index: number) => void> = {
    ArrowDown: index => focusRow(index + 1),
    ArrowUp: index => focusRow(index - 1),
    PageDown: index => focusRow(index + PAGE_STEP),
    PageUp: index => focusRow(index - PAGE_STEP),
    Home: () => focusRow(0),
    End: () => focusRow(rows.length - 1),
    Enter: open,
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
    const move = moves[event.key]
    const index = (event.target as HTMLElement).dataset['index']
    if (!move || index === undefined) return
    event.preventDefault()
    move(Number(index))
  }

  const Row = isPhone ? FleetCard : FleetRow
  const shownActive = Math.min(active, rows.length - 1)
  return (
    <div role="table" aria-label="Devices" aria-rowcount={rows.length + 1} className="fleet-table">
      {isPhone ? null : <FleetHead table={table} />}
      {/* Keys bubble up from the row that has the focus. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div role="rowgroup" ref={box} onKeyDown={onKeyDown} style={{ height: virtualizer.getTotalSize(), position: 'relative' }}>
        {virtualizer.getVirtualItems().map(item => {
          const row = rows[item.index]
          return row ? (
            <Row
              key={row.id}
              device={row.original}
              index={item.index}
              isActive={item.index === shownActive}
              measure={virtualizer.measureElement}
              offset={item.start - virtualizer.options.scrollMargin}
              onOpen={() => open(item.index)}
              onFocus={() => setActive(item.index)}
            />
          ) : null
        })}
      </div>
    </div>
  )
}
