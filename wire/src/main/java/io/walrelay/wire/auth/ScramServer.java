package io.walrelay.wire.auth;

import com.ongres.scram.common.ScramFunctions;
import com.ongres.scram.common.ScramMechanism;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The server's side of SCRAM-SHA-256 and, given a {@link ChannelBinding}, SCRAM-SHA-256-PLUS, as PostgreSQL's {@code
 * auth-scram.c} plays it.
 *
 * <pre>
 * Initial ──(mechanism, no data)──► First: empty challenge
 *    └──────(mechanism, data)─────────► First ──(client-first)──► Final: server-first ──(client-final)──► Done: server-final, or failure
 * </pre>
 *
 * <p>A user who is unknown or has no SCRAM verifier plays the whole exchange against a made-up one, and fails at its
 * end with the words of a wrong password: nobody learns which names exist. Its salt is the same at each attempt, as a
 * real one is. Each computation here is a few HMACs, so it may run on an event loop.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5802">RFC 5802</a>
 */
public final class ScramServer implements SaslServer {
    /** Without channel binding. */
    public static final String SCRAM_SHA_256 = "SCRAM-SHA-256";

    /** With channel binding. */
    public static final String SCRAM_SHA_256_PLUS = "SCRAM-SHA-256-PLUS";

    private static final ScramMechanism SHA_256 = ScramMechanism.SCRAM_SHA_256;

    /** Random bytes of our nonce, before base64. */
    private static final int NONCE_LENGTH = 18;

    private static final SecureRandom RANDOM = new SecureRandom();

    private sealed interface State {
        record Initial() implements State {}

        record First(boolean plus) implements State {}

        record Final(String bare, String serverFirst, String nonce, String binding) implements State {}

        record Done() implements State {}
    }

    private final String user;
    private final ScramVerifier verifier;
    private final boolean doomed;
    private final @Nullable ChannelBinding binding;
    private final String serverNonce;
    private State state = new State.Initial();

    private ScramServer(
            String user, ScramVerifier verifier, boolean doomed, @Nullable ChannelBinding binding, String serverNonce) {
        this.user = user;
        this.verifier = verifier;
        this.doomed = doomed;
        this.binding = binding;
        this.serverNonce = serverNonce;
    }

    /**
     * An exchange with a client that says it is {@code user}.
     *
     * @param verifier empty for an unknown user or one without a SCRAM verifier
     * @param mockSecret random bytes that stay the same for the life of the cluster; the salts of unknown users come
     *     from them
     * @param binding null where there is no TLS or its certificate cannot be bound to
     */
    public static ScramServer of(
            String user, Optional<ScramVerifier> verifier, byte[] mockSecret, @Nullable ChannelBinding binding) {
        byte[] nonce = new byte[NONCE_LENGTH];
        RANDOM.nextBytes(nonce);
        return of(user, verifier, mockSecret, binding, Base64.getEncoder().encodeToString(nonce));
    }

    /** With a nonce that a test knows. */
    static ScramServer of(
            String user,
            Optional<ScramVerifier> verifier,
            byte[] mockSecret,
            @Nullable ChannelBinding binding,
            String serverNonce) {
        return new ScramServer(
                user,
                verifier.orElseGet(() -> MockVerifier.of(user, mockSecret)),
                verifier.isEmpty(),
                binding,
                serverNonce);
    }

    @Override
    public List<String> mechanisms() {
        return binding == null ? List.of(SCRAM_SHA_256) : List.of(SCRAM_SHA_256_PLUS, SCRAM_SHA_256);
    }

    @Override
    public SaslStep begin(String mechanism, byte @Nullable [] data) {
        if (!(state instanceof State.Initial)) {
            throw new IllegalStateException("SASL exchange has begun");
        }
        if (!mechanisms().contains(mechanism)) {
            return fail(PgException.fatal(
                    SqlState.PROTOCOL_VIOLATION, "client selected an invalid SASL authentication mechanism"));
        }
        state = new State.First(mechanism.equals(SCRAM_SHA_256_PLUS));
        return data == null ? new SaslStep.Continue(new byte[0]) : respond(data);
    }

    @Override
    public SaslStep respond(byte[] data) {
        try {
            String message = text(data);
            return switch (state) {
                case State.First first -> onClientFirst(first, message);
                case State.Final last -> onClientFinal(last, message);
                case State.Initial initial -> throw new IllegalStateException("SASL exchange has not begun");
                case State.Done done -> throw new IllegalStateException("SASL exchange is over");
            };
        } catch (PgException failure) {
            return fail(failure);
        }
    }

    private String text(byte[] data) {
        if (data.length > MAX_MESSAGE - Integer.BYTES) {
            throw PgException.passwordFailed(user);
        }
        if (data.length == 0) {
            throw ScramMessage.malformed("The message is empty.");
        }
        // One character for each byte: the proof is about the bytes, whatever they mean.
        String text = new String(data, StandardCharsets.ISO_8859_1);
        if (text.indexOf('\0') >= 0) {
            throw ScramMessage.malformed("Message length does not match input length.");
        }
        return text;
    }

    private SaslStep onClientFirst(State.First first, String message) {
        ClientFirst clientFirst = ClientFirst.parse(message, first.plus(), binding != null);
        String nonce = clientFirst.nonce() + serverNonce;
        String serverFirst = "r=" + nonce + ",s=" + Base64.getEncoder().encodeToString(verifier.salt()) + ",i="
                + verifier.iterations();
        String expected = first.plus() && binding != null
                ? binding.attribute()
                : Base64.getEncoder().encodeToString((clientFirst.flag() + ",,").getBytes(StandardCharsets.US_ASCII));
        state = new State.Final(clientFirst.bare(), serverFirst, nonce, expected);
        return new SaslStep.Continue(serverFirst.getBytes(StandardCharsets.ISO_8859_1));
    }

    private SaslStep onClientFinal(State.Final last, String message) {
        ClientFinal clientFinal = ClientFinal.parse(message);
        if (!isEqual(clientFinal.binding(), last.binding())) {
            throw bindingMismatch(last);
        }
        if (!isEqual(clientFinal.nonce(), last.nonce())) {
            throw PgException.fatal(SqlState.PROTOCOL_VIOLATION, "invalid SCRAM response")
                    .withDetail("Nonce does not match.");
        }
        String auth = last.bare() + "," + last.serverFirst() + "," + clientFinal.withoutProof();
        byte[] signed = auth.getBytes(StandardCharsets.ISO_8859_1);
        if (!proves(clientFinal.proof(), signed) || doomed) {
            throw PgException.passwordFailed(user);
        }
        state = new State.Done();
        byte[] signature = ScramFunctions.hmac(SHA_256, verifier.serverKey(), signed);
        String serverFinal = "v=" + Base64.getEncoder().encodeToString(signature);
        return new SaslStep.Finished(serverFinal.getBytes(StandardCharsets.US_ASCII));
    }

    /** Whether the proof, XOR the signature that anybody with the stored key can make, is the client key. */
    private boolean proves(byte[] proof, byte[] signed) {
        byte[] clientKey = ScramFunctions.hmac(SHA_256, verifier.storedKey(), signed);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= proof[i];
        }
        return MessageDigest.isEqual(ScramFunctions.hash(SHA_256, clientKey), verifier.storedKey());
    }

    private PgException bindingMismatch(State.Final last) {
        boolean bound = binding != null && last.binding().equals(binding.attribute());
        return bound
                ? PgException.fatal(SqlState.INVALID_AUTHORIZATION_SPECIFICATION, "SCRAM channel binding check failed")
                : PgException.fatal(
                        SqlState.PROTOCOL_VIOLATION,
                        "unexpected SCRAM channel-binding attribute in client-final-message");
    }

    private SaslStep fail(PgException failure) {
        state = new State.Done();
        return new SaslStep.Failed(failure);
    }

    private static boolean isEqual(String a, String b) {
        return MessageDigest.isEqual(a.getBytes(StandardCharsets.ISO_8859_1), b.getBytes(StandardCharsets.ISO_8859_1));
    }
}
