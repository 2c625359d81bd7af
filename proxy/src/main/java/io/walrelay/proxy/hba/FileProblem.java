package io.walrelay.proxy.hba;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Why a file could not be read, in the operating system's words. */
final class FileProblem {
    private FileProblem() {}

    static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "Permission denied";
        }
        if (e instanceof MalformedInputException) {
            return "it is not UTF-8 text";
        }
        return String.valueOf(e.getMessage());
    }
}
