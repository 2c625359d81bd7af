package io.walrelay.proxy.config;

/** What must have happened to WAL here before it is sent on. */
public enum WalSendAfter {
    /** It is written. The upstream sends only what it has flushed itself, so these bytes are durable already. */
    WRITE,
    /** It is flushed here too: the rule of a cascading standby. */
    FLUSH
}
