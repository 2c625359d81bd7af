package io.walrelay.replication.wal;

import java.util.Optional;

/** The magic number of WAL pages, {@code XLOG_PAGE_MAGIC}: one for each major version, for their WAL differs. */
public enum WalPageMagic {
    PG10(10, 0xD097),
    PG11(11, 0xD098),
    PG12(12, 0xD101),
    PG13(13, 0xD106),
    PG14(14, 0xD10D),
    PG15(15, 0xD110),
    PG16(16, 0xD113),
    PG17(17, 0xD116),
    PG18(18, 0xD118);

    /** The last resource manager of PostgreSQL itself, logical decoding messages, in every version from 10 to 18. */
    private static final int LAST_BUILT_IN_RESOURCE_MANAGER = 21;

    private static final int FIRST_CUSTOM_RESOURCE_MANAGER = 128;

    private final int major;
    private final int value;

    WalPageMagic(int major, int value) {
        this.major = major;
        this.value = value;
    }

    /** The number of a major version's pages; empty for a version not known here. */
    public static Optional<WalPageMagic> ofMajor(int major) {
        for (WalPageMagic magic : values()) {
            if (magic.major == major) {
                return Optional.of(magic);
            }
        }
        return Optional.empty();
    }

    /** The version whose pages begin with that number; empty if none is known here. */
    public static Optional<WalPageMagic> of(int value) {
        for (WalPageMagic magic : values()) {
            if (magic.value == value) {
                return Optional.of(magic);
            }
        }
        return Optional.empty();
    }

    /** The major version. */
    public int major() {
        return major;
    }

    /** The number, 16 bits. */
    public int value() {
        return value;
    }

    /** Whether records of that resource manager may exist; extensions may bring their own from 15 on. */
    boolean isResourceManager(int id) {
        return id <= LAST_BUILT_IN_RESOURCE_MANAGER || (major >= 15 && id >= FIRST_CUSTOM_RESOURCE_MANAGER);
    }

    /** Whether the pages behind a switch record have headers: until 10; from 11 on they are zero throughout. */
    boolean hasPageHeadersBehindSwitch() {
        return major == 10;
    }
}
