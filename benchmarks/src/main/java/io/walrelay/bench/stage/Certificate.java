package io.walrelay.bench.stage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A certificate of its own for a server that is measured with TLS, and its key (RSA of 2048 bits), made by openssl.
 *
 * @param file in PEM format
 * @param key in PEM format, for its owner alone
 */
public record Certificate(Path file, Path key) {
    /**
     * Makes one in a directory, for the directory's owner.
     *
     * @throws Unavailable if openssl is not installed
     */
    public static Certificate make(Workshop workshop, Path directory) throws IOException, InterruptedException {
        Path file = directory.resolve("bench.crt");
        Path key = directory.resolve("bench.key");
        try {
            Child.run(
                    "openssl",
                    workshop.newPath("openssl.log"),
                    List.of(
                            "openssl",
                            "req",
                            "-x509",
                            "-newkey",
                            "rsa:2048",
                            "-nodes",
                            "-days",
                            "2",
                            "-subj",
                            "/CN=localhost",
                            "-keyout",
                            key.toString(),
                            "-out",
                            file.toString()));
        } catch (IOException e) {
            throw new Unavailable("a certificate could not be made; is openssl installed? " + e.getMessage());
        }
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        for (Path one : List.of(file, key)) {
            Files.setOwner(one, Files.getOwner(directory));
        }
        return new Certificate(file, key);
    }
}
