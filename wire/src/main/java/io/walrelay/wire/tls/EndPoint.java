package io.walrelay.wire.tls;

import io.walrelay.wire.auth.ChannelBinding;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.security.spec.PSSParameterSpec;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code tls-server-end-point}: a hash of the server's certificate, by the hash of its own signature, MD5 and SHA-1
 * excepted (RFC 5929, section 4.1). Mirrors {@code be_tls_get_certificate_hash}.
 */
public final class EndPoint {
    private EndPoint() {}

    /** What to bind to; empty where the signature has no hash of its own, as with Ed25519. */
    public static Optional<ChannelBinding> of(X509Certificate certificate) {
        try {
            Optional<String> hash = hash(certificate);
            if (hash.isEmpty()) {
                return Optional.empty();
            }
            byte[] encoded = certificate.getEncoded();
            return Optional.of(
                    new ChannelBinding(MessageDigest.getInstance(hash.get()).digest(encoded)));
        } catch (GeneralSecurityException | IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> hash(X509Certificate certificate) throws GeneralSecurityException, IOException {
        String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
        if (signature.equals("RSASSA-PSS")) {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
            parameters.init(certificate.getSigAlgParams());
            String digest = parameters.getParameterSpec(PSSParameterSpec.class).getDigestAlgorithm();
            return Optional.of(digest.equals("SHA-1") ? "SHA-256" : digest);
        }
        int with = signature.indexOf("WITH");
        if (with < 0) {
            return Optional.empty();
        }
        return Optional.of(
                switch (signature.substring(0, with)) {
                    case "MD5", "SHA1" -> "SHA-256";
                    case "SHA224" -> "SHA-224";
                    case "SHA256" -> "SHA-256";
                    case "SHA384" -> "SHA-384";
                    case "SHA512" -> "SHA-512";
                    default -> signature.substring(0, with);
                });
    }
}
