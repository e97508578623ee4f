/** The display chain and the peripherals of a device: what is there, what is not, and what a person on site should do. */
import { Paper, Text, Title } from '@mantine/core'
import { Link } from 'wouter'
import type { DeviceDetail } from '../../../shared/api/devices/device-api.ts'
import type { StoredProfile } from '../api/catalog-queries.ts'
import { Tag, type Tone } from '../components/tags.tsx'
import { displayChains, parts, type DisplayChain, type Part, type PartState } from './hardware-state.ts'
import './hardware.css'

const WORDS: Record<PartState, { word: string; tone: Tone; means: string }> = {
  there: { word: 'There', tone: 'good', means: 'Nothing is wrong with it' },
  failing: { word: 'Fails', tone: 'bad', means: 'Its signal is failing' },
  unknown: { word: 'Cannot know', tone: 'plain', means: 'The device cannot tell' },
  unasked: { word: 'Not asked for', tone: 'plain', means: 'The profile does not ask for it, so it is not judged' },
  stale: { word: 'Not known now', tone: 'plain', means: 'There are no fresh facts about it' },
}

/** One display from plug to picture. */
export function Chain({ chain }: { chain: DisplayChain }) {
  return (
    <div className="chain">
      <ol className="chain-links" aria-label={`Display on ${chain.key}`}>
        {chain.links.map(link => (
          <li key={link.name} className="chain-link" data-state={link.state} title={WORDS[link.state].means}>
            <span className="chain-name">{link.name}</span>
            <span className="chain-text">{link.text}</span>
            <span className="chain-state">{WORDS[link.state].word}</span>
          </li>
        ))}
      </ol>
      {chain.fault && (
        <Text size="sm" mt={6}>
          {chain.fault.text}
        </Text>
      )}
    </div>
  )
}

function PartRow({ part }: { part: Part }) {
  const { word, tone, means } = WORDS[part.state]
  return (
    <li className="part">
      <div>
        <b>{part.name}</b> <span className="quiet">{part.kind}</span>
        {part.detail !== '' && <div className="quiet part-detail">{part.detail}</div>}
        {part.texts.map(text => (
          <div key={text} className="part-text">
            {text}
          </div>
        ))}
      </div>
      <Tag tone={tone} title={means}>
        {word}
      </Tag>
    </li>
  )
}

type Of = { device: DeviceDetail; profile: StoredProfile | null }

/** Nothing where no display is expected or found. */
export function DisplayChainCard({ device, profile }: Of) {
  const chains = displayChains(device, profile)
  if (chains.length === 0) return null
  return (
    <Paper p="md" component="section" aria-label="Display chain">
      <Title order={2} size="h4" mb="xs">
        Display chain
      </Title>
      {chains.map(chain => (
        <Chain key={chain.key} chain={chain} />
      ))}
    </Paper>
  )
}

/** A device that is asked for none is told how to change that. */
export function PeripheralsCard({ device, profile }: Of) {
  const things = parts(device, profile)
  return (
    <Paper p="md" component="section" aria-label="Peripherals">
      <Title order={2} size="h4" mb="xs">
        Peripherals
      </Title>
      {things.length === 0 ? (
        <Text size="sm" c="dimmed">
          {profile ? (
            <>
              Its profile <Link href={`/profiles/${profile.id}`}>{profile.name}</Link> asks for none. There it can learn them from this
              device.
            </>
          ) : (
            'Without a profile nothing is asked for. Give it one by Change.'
          )}
        </Text>
      ) : (
        <ul className="part-list">
          {things.map(part => (
            <PartRow key={part.key} part={part} />
          ))}
        </ul>
      )}
    </Paper>
  )
}
