package io.walrelay.wire.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A file in PEM format (RFC 7468): text, and blocks of base64 between lines that say what they are. */
final class PemFile {
    private static final String NO_START_LINE = "no start line";
    private static final String NOTHING_FOUND = "no certificate or crl found";

    /** More than any real file has: a wrong path must not bring a huge one into memory. */
    private static final long MAX_SIZE = 16 << 20;

    private static final Set<String> CERTIFICATE = Set.of("CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE");
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s*?\\n(.*?)-----END \\1-----", Pattern.DOTALL);

    private final List<Block> blocks;

    /**
     * One block.
     *
     * @param label what it is
     * @param headers the lines before the base64; not empty where an old format says how it is encrypted
     */
    @SuppressWarnings("ArrayRecordComponent") // not compared
    record Block(String label, String headers, byte[] der) {}

    private PemFile(List<Block> blocks) {
        this.blocks = blocks;
    }

    static PemFile read(Path file) throws TlsFileException {
        try {
            if (Files.size(file) > MAX_SIZE) {
                throw new TlsFileException("the file is too large");
            }
            return parse(Files.readString(file, StandardCharsets.ISO_8859_1));
        } catch (NoSuchFileException e) {
            throw new TlsFileException("No such file or directory", e);
        } catch (AccessDeniedException e) {
            throw new TlsFileException("Permission denied", e);
        } catch (IOException e) {
            throw new TlsFileException(String.valueOf(e.getMessage()), e);
        }
    }

    private static PemFile parse(String text) throws TlsFileException {
        List<Block> blocks = new ArrayList<>();
        Matcher matcher = BLOCK.matcher(text.replace("\r\n", "\n"));
        while (matcher.find()) {
            String body = matcher.group(2);
            int blank = body.indexOf("\n\n");
            String headers = body.contains(":") && blank >= 0 ? body.substring(0, blank) : "";
            try {
                byte[] der = Base64.getMimeDecoder()
                        .decode(body.substring(headers.length()).strip());
                blocks.add(new Block(matcher.group(1), headers, der));
            } catch (IllegalArgumentException e) {
                throw new TlsFileException("bad base64 decode", e);
            }
        }
        return new PemFile(blocks);
    }

    List<Block> blocks() {
        return blocks;
    }

    /** All certificates, at least one. */
    List<X509Certificate> certificates() throws TlsFileException {
        return certificates(NO_START_LINE);
    }

    /** The same of a file of those that are trusted, which OpenSSL reads, and complains of, in another way. */
    List<X509Certificate> authorities() throws TlsFileException {
        return certificates(NOTHING_FOUND);
    }

    private List<X509Certificate> certificates(String none) throws TlsFileException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks) {
            if (CERTIFICATE.contains(block.label())) {
                try {
                    certificates.add(
                            (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(block.der())));
                } catch (CertificateException e) {
                    throw new TlsFileException("bad certificate: " + e.getMessage(), e);
                }
            }
        }
        if (certificates.isEmpty()) {
            throw new TlsFileException(none);
        }
        return List.copyOf(certificates);
    }

    /** All certificate revocation lists, at least one. */
    List<X509CRL> revocationLists() throws TlsFileException {
        List<X509CRL> lists = new ArrayList<>();
        for (Block block : blocks) {
            if (block.label().equals("X509 CRL")) {
                try {
                    lists.add((X509CRL) factory().generateCRL(new ByteArrayInputStream(block.der())));
                } catch (CRLException e) {
                    throw new TlsFileException("bad certificate revocation list: " + e.getMessage(), e);
                }
            }
        }
        if (lists.isEmpty()) {
            throw new TlsFileException(NOTHING_FOUND);
        }
        return List.copyOf(lists);
    }

    private static CertificateFactory factory() {
        try {
            return CertificateFactory.getInstance("X.509");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform reads X.509 certificates", e);
        }
    }
}
