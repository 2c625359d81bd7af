/**
 * JMH benchmarks of the parts that each byte of WAL goes through. An operation is 1 MB of WAL, so operations are MB.
 */
@NullMarked
package io.walrelay.bench.micro;

import org.jspecify.annotations.NullMarked;
