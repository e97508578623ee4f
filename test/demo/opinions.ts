/** What customers of the demo's past thought, and what articles were good for. */
import type { House } from './demo-setup.ts'
import type { Random } from './demo-random.ts'
import type { Database } from '../../server/database/database.ts'

const GOOD = ['Quick and friendly.', 'Works again, thank you.', 'We heard what went on all the time.']
const BAD = ['It took too long on a Saturday.', 'Nobody told us that the engineer was late.']
const STAFF = { isStaff: true, customerIds: null }
/** Tickets that are asked which article helped. */
const LOOKED_UP = 40

/** Most people do not answer; most of those who do are content. Before the letters leave, for their secrets are not kept. */
export async function answerQuestions(db: Database, house: House, random: Random): Promise<void> {
  const letters = await db
    .selectFrom('outbox')
    .select('link_path')
    .where('state', '=', 'pending')
    .where('link_path', 'like', 'how-was-it/%')
    .orderBy('id')
    .execute()
  const asked = new Set(letters.map(({ link_path: path }) => path?.split('/')[1] ?? ''))
  for (const token of asked) {
    if (!random.chance(0.35)) continue
    const isGood = random.chance(0.85)
    const comment = random.chance(0.4) ? { comment: random.pick(isGood ? GOOD : BAD) } : {}
    await house.satisfaction.answer(token, { score: isGood ? 'good' : 'bad', ...comment })
  }
}

/** The best article of some tickets that are over helped with them. */
export async function countHelp(house: House, random: Random): Promise<void> {
  const { items } = await house.ticketing.list({ limit: LOOKED_UP, scope: null, partnerOnly: null, status: 'closed' })
  for (const ticket of items) {
    const [article] = (await house.articles.find({ ticketId: ticket.id, limit: 1 }, STAFF)).items
    if (article && random.chance(0.6)) await house.articles.helped(article.id, `ticket:${ticket.id}`, STAFF)
  }
}
