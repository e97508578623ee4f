/** Products that customers run: releases and end of life. */
import { ListOf } from '../../shared/api/list.ts'
import { ProductBody, StoredProduct } from '../../shared/api/plans/product-api.ts'
import { notFound } from '../platform/errors.ts'
import type { AuditNote } from '../platform/http/audit-note.ts'
import type { Catalogue } from './catalogue.ts'
import { inTransaction, type Database } from '../database/database.ts'
import { callerOf, type App } from '../platform/http/app.ts'
import { inBody } from '../platform/http/body-faults.ts'
import { Id } from '../../shared/schema-pieces.ts'

export type ProductRouteDeps = { db: Database; catalogue: Pick<Catalogue, 'getProduct' | 'listProducts' | 'putProduct'>; audit: AuditNote }

/** Routes of products. */
export function productRoutes({ db, catalogue, audit }: ProductRouteDeps) {
  return (app: App): void => {
    app.get(
      '/products',
      { config: { access: 'read' }, schema: { tags: ['catalogue'], response: { 200: ListOf(StoredProduct) } } },
      async () => {
        const items = await catalogue.listProducts(db)
        return { items, total: items.length, next: null }
      },
    )
    app.get(
      '/products/:id',
      { config: { access: 'read' }, schema: { tags: ['catalogue'], params: Id, response: { 200: StoredProduct } } },
      async request => {
        const product = await catalogue.getProduct(db, request.params.id)
        if (!product) throw notFound('product')
        return product
      },
    )
    app.put(
      '/products/:id',
      {
        config: { access: 'manage', isForAll: true },
        schema: {
          tags: ['catalogue'],
          summary:
            'Create or replace a product; a new end of life needs the notice that every plan gives, and is told to the customers concerned',
          params: Id,
          body: ProductBody,
          response: { 200: StoredProduct },
        },
        // The catalogue answers for every fault itself, line by line; the schema is there for the document.
        validatorCompiler: () => () => true,
      },
      async request => {
        const caller = callerOf(request)
        const { id } = request.params
        const product = await inBody(() => inTransaction(db, tx => catalogue.putProduct(tx, { id, product: request.body, by: caller.id })))
        await audit(caller, 'product.put', { kind: 'product', id }, { version: product.version, endOfLife: product.endOfLife?.on ?? null })
        return product
      },
    )
  }
}
