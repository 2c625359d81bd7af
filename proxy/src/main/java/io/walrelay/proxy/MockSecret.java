package io.walrelay.proxy;

import io.walrelay.proxy.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * {@code walrelay.secret}: random bytes that make the salts of users that do not exist. Kept, so that such a user's
 * salt is the same at every attempt, as a real one's is (PostgreSQL's {@code mock_authentication_nonce}).
 */
record MockSecret(Storage storage, Path dataDirectory) {
    private static final int BYTES = 32;

    byte[] readOrCreate() throws IOException {
        Path file = dataDirectory.resolve("walrelay.secret");
        if (storage.exists(file)) {
            return storage.readAll(file);
        }
        byte[] secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        storage.replace(file, secret);
        return secret;
    }
}
