/** Everything a caller can make large has a limit. They stand here together, so that relations between them can be seen. */
export const limits = {
  /** Lines of one purchase. The largest invoice of the public logs we run on has 1,114. */
  purchaseLines: 2_000,
  /** Bytes of a request body. 2,000 lines with categories fit. */
  bodyBytes: 1_048_576,
  categoriesPerLine: 20,
  contextFields: 20,
  identitiesPerMember: 20,
  attributesPerMember: 100,
  attributeSetValues: 100,
  consentsPerMember: 50,
  tagsPerMember: 100,
  walletsPerProgram: 20,
  earnRulesPerProgram: 300,
  burnRulesPerProgram: 100,
  tiersPerProgram: 50,
  perksPerTier: 50,
  attributesPerProgram: 200,
  segmentsPerProgram: 300,
  activityTypesPerProgram: 100,
  contextFieldsPerProgram: 100,
  fieldsPerActivityType: 20,
  ruleLineFilters: 200,
  limitsPerRule: 5,
  /** Acts that renew the points of a wallet whose expiry slides. */
  renewingActs: 20,
  burnLimits: 5,
  rewardsPerProgram: 500,
  skusPerReward: 100,
  localesPerReward: 20,
  dataPerReward: 20,
  termsLength: 4_000,
  /** Codes handed in with one call. With 64 characters each they fit into a body. */
  /** Events that one call sends again by a stream. */
  resentAtOnce: 1_000,
  codesPerImport: 10_000,
  voucherCodeMin: 4,
  voucherCodeMax: 64,
  /** Lots of one opening balance: each is a ledger entry, and all are written in one transaction. */
  openingLots: 1_000,
  /** Open vouchers of one member that expire: they stand in its state. */
  vouchersPerMember: 100,
  /** Characters of a caller's id, a code, a short text, a note. */
  idLength: 128,
  codeLength: 64,
  /** Open holds of one member: they stand in its state. */
  holdsPerMember: 50,
  holdDays: 30,
  holdDefaultMs: 30 * 60_000,
  redemptionsPerPurchase: 10,
  /** A quote is honoured so long at most: what it freezes may have been edited for a reason. */
  quoteMs: 60 * 60_000,
  quoteDefaultMs: 15 * 60_000,
  /** Members merged into one, directly and through others: they stand in its state. */
  mergedPerMember: 50,
  /** Guests' purchases that one change of a member claims, the oldest first. */
  claimsAtOnce: 100,
  streamsPerProgram: 50,
  patternsPerStream: 50,
  fieldsPerStream: 50,
  headersPerStream: 20,
  columnsPerFile: 100,
  eventsPerMessage: 1_000,
  templateLength: 20_000,
  textLength: 256,
  noteLength: 1_000,
  idempotencyKeyLength: 255,
  /** A report may carry a time this far ahead of our clock: clocks differ. It is recorded as now. */
  clockSkewMs: 5 * 60_000,
  /** Commands of one call of POST /v1/batch. */
  batchCommands: 1_000,
  pageSize: 100,
} as const;
