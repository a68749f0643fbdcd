import type { KafkaAccount } from "./kafka-security.ts";

/** May do everything. */
export const ADMIN: KafkaAccount = { username: "admin", password: "password-of-admin", superuser: true };
/** May log in, and nothing more. */
export const STRANGER: KafkaAccount = {
  ...{ username: "stranger", password: "password-of-stranger", superuser: false },
};

export const KAFKA_ACCOUNTS: readonly KafkaAccount[] = [ADMIN, STRANGER];
