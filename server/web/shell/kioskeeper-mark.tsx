/** The mark of the product. */
import markUrl from '../kioskeeper.svg'

/** Decorative: the name stands beside it. */
export function KioskeeperMark({ size = 24 }: { size?: number }) {
  return <img src={markUrl} width={size} height={size} alt="" />
}
