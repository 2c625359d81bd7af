package io.walrelay.wire.auth;

import io.walrelay.wire.error.PgException;
import java.util.Base64;

/**
 * {@code c=binding,r=nonce,p=proof}: a client's last message.
 *
 * @param binding base64 of the GS2 header and the channel binding data
 * @param nonce client's and server's
 * @param proof 32 bytes
 * @param withoutProof what the proof is about
 */
@SuppressWarnings("ArrayRecordComponent") // compared in constant time only
record ClientFinal(String binding, String nonce, byte[] proof, String withoutProof) {
    /** @throws PgException FATAL in PostgreSQL's words */
    static ClientFinal parse(String text) {
        ScramMessage message = new ScramMessage(text);
        String binding = message.value('c');
        String nonce = message.value('r');
        int proofAt = message.position();
        char name = message.attribute();
        String value = message.value(name);
        while (name != 'p') {
            proofAt = message.position();
            name = message.attribute();
            value = message.value(name);
        }
        if (!message.atEnd()) {
            throw ScramMessage.malformed("Garbage found at the end of client-final-message.");
        }
        return new ClientFinal(binding, nonce, proof(value), text.substring(0, proofAt - 1));
    }

    private static byte[] proof(String value) {
        byte[] proof;
        try {
            proof = Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException notBase64) {
            throw malformedProof();
        }
        if (proof.length != ScramVerifier.KEY_LENGTH) {
            throw malformedProof();
        }
        return proof;
    }

    private static PgException malformedProof() {
        return ScramMessage.malformed("Malformed proof in client-final-message.");
    }
}
