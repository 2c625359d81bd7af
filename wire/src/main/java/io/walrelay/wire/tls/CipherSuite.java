package io.walrelay.wire.tls;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A cipher suite: by OpenSSL's name, which PostgreSQL shows and takes, and by the registered one, which Java's
 * interfaces have. Those of TLS 1.3 can be neither chosen nor left out.
 *
 * @param openSsl OpenSSL's name
 * @param registered IANA's name
 * @param bits of the key
 * @param keywords of OpenSSL's cipher strings that mean this suite among others
 */
record CipherSuite(String openSsl, String registered, int bits, Set<String> keywords) {
    /** Those of TLS 1.2 and before, in OpenSSL's order of preference: forward secrecy, then strength. */
    private static final List<CipherSuite> CHOICE = List.of(
            gcm("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 256),
            gcm("ECDHE-RSA-AES256-GCM-SHA384", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 256),
            chacha("ECDHE-ECDSA-CHACHA20-POLY1305", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
            chacha("ECDHE-RSA-CHACHA20-POLY1305", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
            gcm("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 128),
            gcm("ECDHE-RSA-AES128-GCM-SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 128),
            cbc("ECDHE-ECDSA-AES256-SHA", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 256),
            cbc("ECDHE-RSA-AES256-SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 256),
            cbc("ECDHE-ECDSA-AES128-SHA", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 128),
            cbc("ECDHE-RSA-AES128-SHA", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 128),
            gcm("AES256-GCM-SHA384", "TLS_RSA_WITH_AES_256_GCM_SHA384", 256),
            gcm("AES128-GCM-SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256", 128),
            cbc("AES256-SHA", "TLS_RSA_WITH_AES_256_CBC_SHA", 256),
            cbc("AES128-SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", 128));

    private static final List<CipherSuite> TLS_1_3 = List.of(
            tls13("TLS_AES_128_GCM_SHA256", 128),
            tls13("TLS_AES_256_GCM_SHA384", 256),
            tls13("TLS_CHACHA20_POLY1305_SHA256", 256));

    /** Those that a cipher string chooses among. */
    static List<CipherSuite> choice() {
        return CHOICE;
    }

    /** The suites that come with TLS 1.3. */
    static List<CipherSuite> ofTls13() {
        return TLS_1_3;
    }

    /** The suite that a session has, by its registered name; empty for one that is not in use here. */
    static Optional<CipherSuite> registered(String name) {
        return Stream.concat(CHOICE.stream(), TLS_1_3.stream())
                .filter(suite -> suite.registered.equals(name))
                .findFirst();
    }

    boolean is(String word) {
        return openSsl.equalsIgnoreCase(word) || registered.equalsIgnoreCase(word) || keywords.contains(word);
    }

    private static CipherSuite tls13(String name, int bits) {
        return new CipherSuite(name, name, bits, Set.of());
    }

    private static CipherSuite gcm(String openSsl, String registered, int bits) {
        String mac = bits == 256 ? "SHA384" : "SHA256";
        return suite(openSsl, registered, bits, "AES", "AES" + bits, "AESGCM", "TLSv1.2", mac);
    }

    private static CipherSuite chacha(String openSsl, String registered) {
        return suite(openSsl, registered, 256, "CHACHA20", "TLSv1.2", "SHA256");
    }

    private static CipherSuite cbc(String openSsl, String registered, int bits) {
        return suite(openSsl, registered, bits, "AES", "AES" + bits, "SHA", "SHA1", "TLSv1", "SSLv3");
    }

    private static CipherSuite suite(String openSsl, String registered, int bits, String... own) {
        Set<String> keywords = new HashSet<>(Set.of(own));
        keywords.addAll(Set.of("ALL", "DEFAULT", "HIGH"));
        if (openSsl.startsWith("ECDHE")) {
            keywords.addAll(Set.of("ECDHE", "EECDH", "kECDHE", "kEECDH", "ECDH"));
        } else {
            keywords.addAll(Set.of("kRSA", "RSA"));
        }
        keywords.addAll(openSsl.contains("ECDSA") ? Set.of("aECDSA", "ECDSA") : Set.of("aRSA"));
        return new CipherSuite(openSsl, registered, bits, Set.copyOf(keywords));
    }
}
