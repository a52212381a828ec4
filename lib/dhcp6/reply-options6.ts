// The options of replies of DHCPv6.

import type { OptionsOfClasses } from '../config/plan/option-set.ts'
import { type ReplyForm, ReplyOptions } from '../dhcp/reply-options.ts'
import { OPTION6 } from '../wire/v6/codes.ts'
import type { Query6 } from '../wire/v6/message.ts'
import { type Selection6, selectionOf6 } from './selection6.ts'
import { hearVendors6 } from './vendor-options6.ts'

const FORM: ReplyForm<Query6, Selection6> = {
  requestList: (query) => query.option(OPTION6.optionRequest) ?? '',
  hearVendors: hearVendors6,
  select: selectionOf6,
}

export class ReplyOptions6 extends ReplyOptions<Query6, Selection6> {
  constructor(ofClasses: OptionsOfClasses = []) {
    super(FORM, ofClasses)
  }
}
