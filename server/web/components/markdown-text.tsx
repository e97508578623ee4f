/** Markdown of an article as elements: nothing of its text can become markup. */
import { Fragment } from 'react'
import { readMarkdown, type Block, type Inline } from '../../../shared/markdown.ts'

function Words({ inlines }: { inlines: readonly Inline[] }) {
  return inlines.map((inline, index) => {
    // The text stands still once it is read: its place is its name.
    const key = `${index}`
    if (inline.kind === 'strong') return <strong key={key}>{inline.text}</strong>
    if (inline.kind === 'emphasis') return <em key={key}>{inline.text}</em>
    if (inline.kind === 'code') return <code key={key}>{inline.text}</code>
    if (inline.kind === 'link')
      return (
        <a key={key} href={inline.href} target="_blank" rel="noreferrer noopener">
          {inline.text}
        </a>
      )
    return <Fragment key={key}>{inline.text}</Fragment>
  })
}

function Piece({ block, headingLevel }: { block: Block; headingLevel: number }) {
  if (block.kind === 'heading') {
    const Heading = `h${Math.min(6, headingLevel + block.level - 2)}` as 'h3'
    return (
      <Heading>
        <Words inlines={block.inlines} />
      </Heading>
    )
  }
  if (block.kind === 'code') return <pre>{block.text}</pre>
  if (block.kind === 'list') {
    const List = block.isOrdered ? 'ol' : 'ul'
    return (
      <List>
        {block.items.map((item, index) => (
          <li key={`${index}`}>
            <Words inlines={item} />
          </li>
        ))}
      </List>
    )
  }
  const Box = block.kind === 'quote' ? 'blockquote' : 'p'
  return (
    <Box>
      <Words inlines={block.inlines} />
    </Box>
  )
}

/** `headingLevel`: what its first heading is on the page it stands on. */
export function MarkdownText({ source, headingLevel = 3 }: { source: string; headingLevel?: number }) {
  return (
    <div className="markdown">
      {readMarkdown(source).map((block, index) => (
        <Piece key={`${index}`} block={block} headingLevel={headingLevel} />
      ))}
    </div>
  )
}
