package io.walrelay.wire.auth;

import com.ongres.scram.common.ServerFirstMessage;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.exception.ScramInvalidServerSignatureException;
import com.ongres.scram.common.exception.ScramRuntimeException;
import com.ongres.scram.common.exception.ScramServerErrorException;
import io.walrelay.wire.error.PgException;
import io.walrelay.wire.error.SqlState;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of SCRAM-SHA-256(-PLUS), on the library that pgjdbc uses: {@link #clientFirst}, {@link
 * #clientFinal}, {@link #verify}, in this order. The server has proved that it knows the password only after {@code
 * verify}; an AuthenticationOk before that is a lie.
 */
public final class ScramClient {
    /** The most that a server may ask for: some seconds of computing. PostgreSQL's default is 4096. */
    static final int MAX_ITERATIONS = 10_000_000;

    private final com.ongres.scram.client.ScramClient scram;

    private ScramClient(com.ongres.scram.client.ScramClient scram) {
        this.scram = scram;
    }

    /**
     * An exchange with a server that offers these mechanisms; -PLUS is chosen where it is offered and {@code binding}
     * is not null.
     *
     * @param password not empty
     * @throws PgException FATAL 0A000 if none of the mechanisms is known
     */
    public static ScramClient of(List<String> offered, String password, @Nullable ChannelBinding binding) {
        ChannelBinding bound = offered.contains(ScramServer.SCRAM_SHA_256_PLUS) ? binding : null;
        String mechanism = bound == null ? ScramServer.SCRAM_SHA_256 : ScramServer.SCRAM_SHA_256_PLUS;
        if (!offered.contains(mechanism)) {
            throw PgException.fatal(
                    SqlState.FEATURE_NOT_SUPPORTED,
                    "none of the server's SASL authentication mechanisms are supported");
        }
        var builder = com.ongres.scram.client.ScramClient.builder()
                .advertisedMechanisms(List.of(mechanism))
                .username("*") // ignored: the name of the start-up message counts
                .password(password.toCharArray())
                .stringPreparation(StringPreparation.POSTGRESQL_PREPARATION);
        if (bound != null) {
            builder.channelBinding(ChannelBinding.TYPE, bound.certificateHash());
        }
        return new ScramClient(builder.build());
    }

    /** The mechanism that was chosen. */
    public String mechanism() {
        return scram.getScramMechanism().getName();
    }

    /** The data of the SASLInitialResponse. */
    public byte[] clientFirst() {
        return scram.clientFirstMessage().toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The data of the SASLResponse to the server's challenge. It computes PBKDF2, which takes milliseconds per thousand
     * iterations.
     *
     * @throws PgException FATAL 08P01 if the challenge is malformed or not to {@link #clientFirst}
     */
    public byte[] clientFinal(byte[] serverFirst) {
        try {
            ServerFirstMessage challenge = scram.serverFirstMessage(new String(serverFirst, StandardCharsets.UTF_8));
            if (challenge.getIterationCount() > MAX_ITERATIONS) {
                throw PgException.protocolViolation("malformed SCRAM message (invalid iteration count)");
            }
            return scram.clientFinalMessage().toString().getBytes(StandardCharsets.UTF_8);
        } catch (ScramException | ScramRuntimeException | IllegalArgumentException e) {
            throw PgException.protocolViolation("malformed SCRAM message").withCause(e);
        }
    }

    /**
     * Checks the server's proof.
     *
     * @throws PgException FATAL 28000 if the server does not know the password, 08P01 if the message is malformed
     */
    public void verify(byte[] serverFinal) {
        try {
            scram.serverFinalMessage(new String(serverFinal, StandardCharsets.UTF_8));
        } catch (ScramInvalidServerSignatureException e) {
            throw PgException.fatal(SqlState.INVALID_AUTHORIZATION_SPECIFICATION, "incorrect server signature")
                    .withCause(e);
        } catch (ScramServerErrorException e) {
            throw PgException.fatal(
                            SqlState.INVALID_AUTHORIZATION_SPECIFICATION,
                            "error received from server in SCRAM exchange: " + e.getServerError())
                    .withCause(e);
        } catch (ScramException | ScramRuntimeException | IllegalArgumentException e) {
            throw PgException.protocolViolation("malformed SCRAM message").withCause(e);
        }
    }
}
