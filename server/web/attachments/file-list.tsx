/** Files as they stand under a message: pictures to open, everything else to save. */
import { Anchor, Group, Modal, UnstyledButton } from '@mantine/core'
import { IconFile } from '@tabler/icons-react'
import { useState } from 'react'
import { sizeWords } from './size-words.ts'
import './attachments.css'

export type ShownFile = { id: string; name: string; url: string; contentType: string; bytes?: number }
const isPicture = (file: ShownFile): boolean => file.contentType.startsWith('image/')
const shownUrl = (url: string): string => (url.includes('?') || !url.includes('/attachments/') ? url : `${url}?show=true`)

/** Nothing where there is no file. */
export function FileList({ files, label }: { files: readonly ShownFile[]; label: string }) {
  const [open, setOpen] = useState<ShownFile | null>(null)
  if (files.length === 0) return null
  return (
    <>
      <ul className="files" aria-label={label}>
        {files.map(file =>
          isPicture(file) ? (
            <li key={file.id}>
              <UnstyledButton className="file file-picture" onClick={() => setOpen(file)} aria-label={`Show ${file.name}`}>
                <img src={shownUrl(file.url)} alt="" loading="lazy" />
              </UnstyledButton>
            </li>
          ) : (
            <li key={file.id} className="file">
              <IconFile size={15} aria-hidden className="quiet" />
              <a href={file.url} download={file.name}>
                {file.name}
              </a>
              {file.bytes !== undefined && <span className="quiet">{sizeWords(file.bytes)}</span>}
            </li>
          ),
        )}
      </ul>
      {open && (
        <Modal opened onClose={() => setOpen(null)} size="xl" title={open.name}>
          <img src={shownUrl(open.url)} alt={open.name} className="file-shown" />
          <Group justify="flex-end" mt="sm">
            <Anchor href={open.url} download={open.name} size="sm">
              Download
            </Anchor>
          </Group>
        </Modal>
      )}
    </>
  )
}
