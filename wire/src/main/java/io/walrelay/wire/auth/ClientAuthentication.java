package io.walrelay.wire.auth;

import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import io.walrelay.wire.message.BackendMessage.Authentication;
import io.walrelay.wire.message.BackendMessage.AuthenticationCleartextPassword;
import io.walrelay.wire.message.BackendMessage.AuthenticationMd5Password;
import io.walrelay.wire.message.BackendMessage.AuthenticationOk;
import io.walrelay.wire.message.BackendMessage.AuthenticationSasl;
import io.walrelay.wire.message.BackendMessage.AuthenticationSaslContinue;
import io.walrelay.wire.message.BackendMessage.AuthenticationSaslFinal;
import io.walrelay.wire.message.BackendMessage.AuthenticationUnsupported;
import io.walrelay.wire.message.FrontendMessage.Password;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of authentication, whichever method the server asks for: trust, password, md5,
 * SCRAM-SHA-256(-PLUS).
 *
 * <pre>
 * Waiting ──(SASL)──► Challenged ──(continue)──► Proved ──(final, verified)──► Waiting ──(OK)──► done
 *    └─(cleartext, md5)─► Waiting
 * </pre>
 *
 * An AuthenticationOk in the middle of a SASL exchange is refused: the server has not proved itself.
 */
public final class ClientAuthentication {
    private sealed interface State {
        record Waiting() implements State {}

        record Challenged(ScramClient scram) implements State {}

        record Proved(ScramClient scram) implements State {}
    }

    private final String user;
    private final @Nullable String password;
    private final @Nullable ChannelBinding binding;
    private final ChannelBindingPolicy policy;
    private boolean bound;
    private State state = new State.Waiting();

    /**
     * Authentication of one connection.
     *
     * @param password null if none is known; the server may not want one
     * @param binding null where there is no TLS
     */
    public ClientAuthentication(String user, @Nullable String password, @Nullable ChannelBinding binding) {
        this(user, password, binding, ChannelBindingPolicy.PREFER);
    }

    /** As above, with what {@code channel_binding} says. */
    public ClientAuthentication(
            String user, @Nullable String password, @Nullable ChannelBinding binding, ChannelBindingPolicy policy) {
        this.policy = policy;
        this.user = user;
        this.password = password;
        this.binding = binding;
    }

    /**
     * Takes a request and gives the answer to send, if it wants one.
     *
     * @throws PgException FATAL if the method is not supported, a password is missing, or the server misbehaves
     */
    public Optional<Password> answer(Authentication request) {
        requireBinding(request);
        return switch (request) {
            case AuthenticationOk ok -> {
                requireWaiting();
                yield Optional.empty();
            }
            case AuthenticationCleartextPassword cleartext -> {
                requireWaiting();
                yield Optional.of(Password.of(password()));
            }
            case AuthenticationMd5Password md5 -> {
                requireWaiting();
                yield Optional.of(Password.of(Md5Password.response(user, password(), md5.salt())));
            }
            case AuthenticationSasl sasl -> {
                requireWaiting();
                ScramClient scram = ScramClient.of(
                        sasl.mechanisms(), password(), policy == ChannelBindingPolicy.DISABLE ? null : binding);
                bound = scram.mechanism().equals(ScramServer.SCRAM_SHA_256_PLUS);
                state = new State.Challenged(scram);
                yield Optional.of(Password.saslInitial(scram.mechanism(), scram.clientFirst()));
            }
            case AuthenticationSaslContinue challenge -> Optional.of(prove(challenge));
            case AuthenticationSaslFinal last -> {
                verify(last);
                yield Optional.empty();
            }
            case AuthenticationUnsupported other ->
                throw PgException.fatal(
                        SqlState.FEATURE_NOT_SUPPORTED, "authentication method " + other.kind() + " not supported");
        };
    }

    /** With channel_binding=require nothing is sent, and nothing is believed, but what is bound. */
    private void requireBinding(Authentication request) {
        if (policy != ChannelBindingPolicy.REQUIRE) {
            return;
        }
        switch (request) {
            case AuthenticationOk ok -> {
                if (!bound) {
                    throw refused("channel binding required, but server authenticated client without channel binding");
                }
            }
            case AuthenticationSasl sasl -> {
                if (binding == null) {
                    throw refused("channel binding required, but SSL not in use");
                }
                if (!sasl.mechanisms().contains(ScramServer.SCRAM_SHA_256_PLUS)) {
                    throw refused("channel binding is required, but server did not offer an authentication method that"
                            + " supports channel binding");
                }
            }
            case AuthenticationSaslContinue more -> {}
            case AuthenticationSaslFinal last -> {}
            default -> throw refused("channel binding required but not supported by server's authentication request");
        }
    }

    private static PgException refused(String words) {
        return PgException.fatal(SqlState.INVALID_AUTHORIZATION_SPECIFICATION, words);
    }

    private Password prove(AuthenticationSaslContinue challenge) {
        if (!(state instanceof State.Challenged challenged)) {
            throw outOfOrder();
        }
        byte[] proof = challenged.scram().clientFinal(challenge.data());
        state = new State.Proved(challenged.scram());
        return Password.sasl(proof);
    }

    private void verify(AuthenticationSaslFinal last) {
        if (!(state instanceof State.Proved proved)) {
            throw outOfOrder();
        }
        proved.scram().verify(last.data());
        state = new State.Waiting();
    }

    private void requireWaiting() {
        if (!(state instanceof State.Waiting)) {
            throw outOfOrder();
        }
    }

    private static PgException outOfOrder() {
        return PgException.protocolViolation(
                "invalid SASL authentication request from server: SASL exchange is not in that state");
    }

    private String password() {
        if (password == null || password.isEmpty()) {
            throw PgException.fatal(SqlState.INVALID_PASSWORD, "fe_sendauth: no password supplied");
        }
        return password;
    }
}
