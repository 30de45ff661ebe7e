package conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import story.Watch;

class ConnectionTest {
  @Test
  @DisplayName("pings every ten seconds are welcome, with a call and without")
  void pings() throws Exception {
    try (var clinic = new Clinic(options ->
        options.keepAliveTime(10, TimeUnit.SECONDS).keepAliveTimeout(3, TimeUnit.SECONDS).keepAliveWithoutCalls(true))) {
      var slot = clinic.slot(1);
      // Without a call, and so nothing but pings on the connection.
      TimeUnit.SECONDS.sleep(22);
      // Silent in between: with heartbeats there would be no pings.
      var watch = new Watch(clinic.stub, Clinic.watchRequest(slot).build());
      watch.snapshot();
      TimeUnit.SECONDS.sleep(22);
      clinic.calls().allocateToken(Clinic.walkIn(slot).build());
      assertEquals(2, watch.change().getRevision());
      assertEquals(1, clinic.connections.size());
      watch.hangUp();
    }
  }
}
