package io.walrelay.wire.tls;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Private keys out of PEM blocks: PKCS #8, plain and encrypted, and the two older forms that OpenSSL writes, {@code RSA
 * PRIVATE KEY} (PKCS #1) and {@code EC PRIVATE KEY} (RFC 5915), which Java reads only wrapped in PKCS #8.
 */
final class PrivateKeys {
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA", "RSASSA-PSS");

    /** {@code SEQUENCE { OID rsaEncryption, NULL }}. */
    private static final byte[] RSA = {
        0x30, 0x0D, 0x06, 0x09, 0x2A, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00
    };

    /** {@code OID id-ecPublicKey}. */
    private static final byte[] EC = {0x06, 0x07, 0x2A, (byte) 0x86, 0x48, (byte) 0xCE, 0x3D, 0x02, 0x01};

    private PrivateKeys() {}

    /** The key is encrypted, and no passphrase is known. */
    static final class PassphraseNeeded extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** The first private key of a file. */
    static PrivateKey first(PemFile file, char @Nullable [] passphrase) throws TlsFileException, PassphraseNeeded {
        for (PemFile.Block block : file.blocks()) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return decode(block.der());
                }
                case "ENCRYPTED PRIVATE KEY" -> {
                    return decode(decrypt(block.der(), passphrase));
                }
                case "RSA PRIVATE KEY" -> {
                    return decode(wrap(plain(block), RSA));
                }
                case "EC PRIVATE KEY" -> {
                    byte[] key = plain(block);
                    return decode(wrap(key, Der.sequence(EC, Der.explicit(key, 0))));
                }
                default -> {}
            }
        }
        throw new TlsFileException("no start line");
    }

    private static byte[] plain(PemFile.Block block) throws TlsFileException {
        if (!block.headers().isEmpty()) {
            throw new TlsFileException("encrypted in an old format; convert it with openssl pkcs8 -topk8");
        }
        return block.der();
    }

    /** {@code PrivateKeyInfo ::= SEQUENCE { version 0, algorithm, OCTET STRING }}. */
    private static byte[] wrap(byte[] key, byte[] algorithm) {
        return Der.sequence(new byte[] {0x02, 0x01, 0x00}, algorithm, Der.octets(key));
    }

    private static byte[] decrypt(byte[] encrypted, char @Nullable [] passphrase)
            throws TlsFileException, PassphraseNeeded {
        if (passphrase == null) {
            throw new PassphraseNeeded();
        }
        try {
            EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(encrypted);
            // The name of PBES2 says nothing; its parameters print as the name of what they are for.
            String algorithm =
                    info.getAlgParameters() == null ? info.getAlgName() : String.valueOf(info.getAlgParameters());
            Cipher cipher = Cipher.getInstance(algorithm);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    SecretKeyFactory.getInstance(algorithm).generateSecret(new PBEKeySpec(passphrase)),
                    info.getAlgParameters());
            return info.getKeySpec(cipher).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new TlsFileException("bad decrypt", e);
        } catch (IOException e) {
            throw new TlsFileException("bad password read", e);
        }
    }

    private static PrivateKey decode(byte[] pkcs8) throws TlsFileException {
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException other) {
                // Not a key of this kind.
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java platform of today has " + algorithm, e);
            }
        }
        throw new TlsFileException("unsupported");
    }

    /** Whether a key is the one that a certificate's public key belongs to: what it signs, that verifies. */
    static boolean belongTogether(PrivateKey key, PublicKey certified) {
        String algorithm = switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
        if (!certified.getAlgorithm().equals(key.getAlgorithm())) {
            return false;
        }
        byte[] challenge = new byte[32];
        new SecureRandom().nextBytes(challenge);
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(challenge);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(challenge);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
