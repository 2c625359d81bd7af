package io.walrelay.proxy.config;

/** One {@code name = value}, before anybody asked whether there is such a setting. */
record Assignment(String name, String text, Origin origin) {}
