/** Shown while a page's code or data is on its way. */
import { Center, Loader, VisuallyHidden } from '@mantine/core'

/** A quiet spinner in the middle. */
export function PageLoader() {
  return (
    <Center mih={240} role="status">
      <Loader size="sm" type="dots" />
      <VisuallyHidden>Loading</VisuallyHidden>
    </Center>
  )
}
