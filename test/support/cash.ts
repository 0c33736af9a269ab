/** What the tests of cash do over and over: issue vouchers, hand envelopes out and in, and say that they arrived. */
import type { VoucherView } from '../../src/transfers/rails/cash/voucher-view.js';
import { newId } from './builders.js';
import { instructedTransfer } from './runs.js';
import type { TestService } from './service.js';

export interface CashPayment {
  client: string;
  transfer: string;
  fund: string;
  run: string;
  voucher: VoucherView;
}

/** A client whose first transfer is to be paid in cash and has a voucher. */
export async function voucherFor(
  service: TestService,
  today: string,
  options: Parameters<typeof instructedTransfer>[2] = {},
): Promise<CashPayment> {
  const { client, transfer, fund, run } = await instructedTransfer(service, today, options);
  return { client, transfer, fund, run: run.id, voucher: await issuedFor(service, run.id, transfer) };
}

export async function issuedFor(service: TestService, run: string, transfer: string): Promise<VoucherView> {
  await service.as('finance-preparer').post(`/api/v1/runs/${run}/vouchers`).expect(200);
  const answer = await service.as('auditor').get(`/api/v1/vouchers?run=${run}&limit=1000`).expect(200);
  const found = (answer.body as { items: VoucherView[] }).items.find((one) => one.transfer === transfer);
  if (!found) throw new Error('the transfer has no voucher');
  return found;
}

export async function voucherOf(service: TestService, { voucher }: CashPayment): Promise<VoucherView> {
  return (await service.as('auditor').get(`/api/v1/vouchers/${voucher.id}`).expect(200)).body as VoucherView;
}

/** Offered by finance, and not taken yet; the offer's id. */
export async function offerOut(service: TestService, { voucher }: CashPayment, number: 1 | 2 = 1): Promise<string> {
  const id = newId();
  const { userId: holder } = service.actor('caseworker', number);
  await service.as('finance-approver').post(`/api/v1/vouchers/${voucher.id}/hand-out`, { id, holder }).expect(200);
  return id;
}

export const take = (service: TestService, { voucher }: CashPayment, offer: string, number: 1 | 2 = 1) =>
  service.as('caseworker', number).post(`/api/v1/vouchers/${voucher.id}/receipt`, { offer });

/** In the hands of a caseworker, who said so. */
export async function handOut(service: TestService, payment: CashPayment, number: 1 | 2 = 1): Promise<void> {
  await take(service, payment, await offerOut(service, payment, number), number).expect(200);
}

/** Offered back by the holder; the offer's id. */
export async function offerIn(
  service: TestService,
  { voucher }: CashPayment,
  because: string | undefined,
  number: 1 | 2 = 1,
): Promise<string> {
  const id = newId();
  await service
    .as('caseworker', number)
    .post(`/api/v1/vouchers/${voucher.id}/hand-in`, { id, ...(because && { because }) })
    .expect(200);
  return id;
}

export const takeIn = (service: TestService, { voucher }: CashPayment, offer: string) =>
  service.as('finance-preparer').post(`/api/v1/vouchers/${voucher.id}/receipt`, { offer });

/** Back in the till, as both say. */
export async function handIn(
  service: TestService,
  payment: CashPayment,
  because: string | undefined,
  number: 1 | 2 = 1,
): Promise<void> {
  await takeIn(service, payment, await offerIn(service, payment, because, number)).expect(200);
}

export const say = (service: TestService, { voucher }: CashPayment, said: Record<string, unknown>, number: 1 | 2 = 1) =>
  service
    .as('caseworker', number)
    .post(`/api/v1/vouchers/${voucher.id}/acknowledgement`, { id: newId(), kind: 'client-mark', ...said });

export const sayToo = (service: TestService, { voucher }: CashPayment, handover: string, number: 1 | 2 = 2) =>
  service.as('caseworker', number).post(`/api/v1/vouchers/${voucher.id}/acknowledgement/confirmation`, { handover });
