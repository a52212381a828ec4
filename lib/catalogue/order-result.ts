// What an order is answered, whoever gives it: the state machine of a pair, the pair, the control
// socket, the API.

/** What became of an order; `why` tells why it was refused, or has a remark. */
export interface OrderResult {
  readonly allowed: boolean
  readonly why: string
}

export const ALLOWED: OrderResult = { allowed: true, why: '' }

export function refused(why: string): OrderResult {
  return { allowed: false, why }
}

export const NO_DOUBT = 'no address is kept out of use'
