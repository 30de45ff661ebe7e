package story;

/** What is to be so. Unlike `assert`, it is always looked at. */
public final class Insist {
  private Insist() {}

  public static void that(boolean isTrue, Object otherwise) {
    if (!isTrue) throw new AssertionError(otherwise);
  }

  public static void same(Object seen, Object expected) {
    that(seen.equals(expected), "expected " + expected + "\nbut saw " + seen);
  }
}
