/** The errors of money. Each sentence says what happened, what it means for the money, and what to do. */

/** A model whose price is not in the table. Never guessed: an unpriced call could pass any ceiling. */
export class UnknownModelError extends Error {
  override name = 'UnknownModelError';
  readonly code = 'unknown_model';
  readonly model: string;

  constructor(model: string) {
    super(
      `No price is known for the model ${JSON.stringify(model)}: its calls can be neither reserved nor charged. ` +
        'Use a model of MODEL_COST_WEIGHTS, by its exact name, or add its published prices there.',
    );
    this.model = model;
  }
}

/** A usage object that cannot be priced exactly: a wrong count, or something counted that no price is known for. */
export class UnpriceableUsageError extends Error {
  override name = 'UnpriceableUsageError';
  readonly code = 'unpriceable_usage';
  readonly field: string;

  constructor(field: string, why: string) {
    super(
      `The usage cannot be priced because of ${field}: ${why}. No cost was worked out, so the call's hold must stay charged in full. ` +
        'Compare the provider’s bill, and teach lib/budget the new price if there is one.',
    );
    this.field = field;
  }
}

/** More was spent than 110 % of the day's allowance. */
export class BudgetExceededError extends Error {
  override name = 'BudgetExceededError';
  readonly code = 'budget_exceeded';
  readonly spentMicrodollars: bigint;
  readonly dailyBudgetMicrodollars: bigint;
  readonly hardCeilingMicrodollars: bigint;

  constructor(money: { spent: bigint; dailyBudget: bigint; hardCeiling: bigint }) {
    super(
      `${money.spent} microdollars were spent today, above the hard ceiling of ${money.hardCeiling} ` +
        `(110 % of the daily budget of ${money.dailyBudget}): no further call may be made today. ` +
        'Wait for the next day’s allowance, or top up.',
    );
    this.spentMicrodollars = money.spent;
    this.dailyBudgetMicrodollars = money.dailyBudget;
    this.hardCeilingMicrodollars = money.hardCeiling;
  }
}
