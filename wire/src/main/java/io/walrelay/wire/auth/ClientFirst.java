package io.walrelay.wire.auth;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;

/**
 * {@code n,,n=user,r=nonce}: a client's first message. The user name in it is ignored, as PostgreSQL does: that of the
 * start-up message counts.
 *
 * @param flag {@code n} no channel binding; {@code y} could do it, but thinks that the server cannot; {@code p} does it
 * @param bare the message without the GS2 header, for the proof
 * @param nonce printable, no comma
 */
record ClientFirst(char flag, String bare, String nonce) {
    /**
     * Reads the message.
     *
     * @param plus whether the client chose the mechanism with channel binding
     * @param offered whether that was offered
     * @throws PgException FATAL in PostgreSQL's words
     */
    static ClientFirst parse(String text, boolean plus, boolean offered) {
        ScramMessage message = new ScramMessage(text);
        char flag = message.peek();
        bindingFlag(message, flag, plus, offered);
        if (message.peek() == 'a') {
            throw PgException.fatal(
                    SqlState.FEATURE_NOT_SUPPORTED, "client uses authorization identity, but it is not supported");
        }
        if (message.peek() != ',') {
            throw ScramMessage.malformed("Unexpected attribute \"" + message.found() + "\" in client-first-message.");
        }
        message.skip();
        int bare = message.position();
        if (message.peek() == 'm') {
            throw PgException.fatal(SqlState.FEATURE_NOT_SUPPORTED, "client requires an unsupported SCRAM extension");
        }
        message.value('n');
        String nonce = message.value('r');
        if (!nonce.chars().allMatch(c -> c >= '!' && c <= '~')) {
            throw PgException.protocolViolation("non-printable characters in SCRAM nonce");
        }
        while (!message.atEnd()) {
            message.value(message.attribute());
        }
        return new ClientFirst(flag, text.substring(bare), nonce);
    }

    private static void bindingFlag(ScramMessage message, char flag, boolean plus, boolean offered) {
        switch (flag) {
            case 'n', 'y' -> {
                if (plus) {
                    throw ScramMessage.malformed("The client selected " + ScramServer.SCRAM_SHA_256_PLUS
                            + ", but the SCRAM message does not include channel binding data.");
                }
                if (flag == 'y' && offered) {
                    throw downgrade();
                }
                message.skip();
                message.comma();
            }
            case 'p' -> {
                if (!plus) {
                    throw ScramMessage.malformed("The client selected " + ScramServer.SCRAM_SHA_256
                            + " without channel binding, but the SCRAM message includes channel binding data.");
                }
                String type = message.value('p');
                if (!type.equals(ChannelBinding.TYPE)) {
                    throw PgException.protocolViolation("unsupported SCRAM channel-binding type \"" + type + "\"");
                }
            }
            default -> throw ScramMessage.malformed("Unexpected channel-binding flag \"" + message.found() + "\".");
        }
    }

    private static PgException downgrade() {
        return PgException.fatal(
                        SqlState.INVALID_AUTHORIZATION_SPECIFICATION, "SCRAM channel binding negotiation error")
                .withDetail("The client supports SCRAM channel binding but thinks the server does not.  "
                        + "However, this server does support channel binding.");
    }
}
