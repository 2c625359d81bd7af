package io.walrelay.wire.tls;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A certificate with its private key.
 *
 * @param chain the certificate, and those that lead to a root
 * @param key its key
 */
public record Identity(List<X509Certificate> chain, PrivateKey key) {
    /** Copies the list. */
    public Identity {
        chain = List.copyOf(chain);
    }

    /** The certificate, and those behind it in the file. */
    public static List<X509Certificate> chain(Path file) throws TlsFileException {
        return PemFile.read(file).certificates();
    }

    /**
     * The key of a file, which must be that of the certificate.
     *
     * @param passphrase null if none is known
     */
    public static Identity read(List<X509Certificate> chain, Path keyFile, char @Nullable [] passphrase)
            throws TlsFileException {
        PrivateKey key;
        try {
            key = PrivateKeys.first(PemFile.read(keyFile), passphrase);
        } catch (PrivateKeys.PassphraseNeeded e) {
            throw new TlsFileException("the key requires a passphrase", e);
        }
        if (!PrivateKeys.belongTogether(key, chain.getFirst().getPublicKey())) {
            throw new TlsFileException("key values mismatch");
        }
        return new Identity(chain, key);
    }
}
