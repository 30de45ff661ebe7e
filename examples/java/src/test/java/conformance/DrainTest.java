package conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import opd.v1.Resources.QueueChange;
import opd.v1.Resources.Slot;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.parallel.Isolated;
import story.Refusal;
import story.Watch;

/** It restarts the server, on which others must not rely meanwhile. */
@Isolated
@EnabledIfEnvironmentVariable(named = "OPD_RESTART", matches = ".+")
class DrainTest {
  @Test
  @DisplayName("a drain loses nothing for whoever comes back: under the same request_id, and after the last revision seen")
  void drain() throws Exception {
    try (var clinic = new Clinic()) {
      var slot = clinic.slot(1);
      var watch = clinic.watch(slot);
      var isOver = new AtomicBoolean();
      var allocating = CompletableFuture.supplyAsync(() -> keepAllocating(clinic, slot, isOver));
      TimeUnit.MILLISECONDS.sleep(200);
      restart();
      List<QueueChange> watched = new ArrayList<>();
      var end = Refusal.of(() -> takeAll(watch, watched));
      assertEquals("UNAVAILABLE DRAINING", end.code() + " " + end.reason());
      TimeUnit.MILLISECONDS.sleep(200);
      isOver.set(true);
      var answered = allocating.get();

      var after = watched.get(watched.size() - 1).getRevision();
      var resumed = new Watch(clinic.stub, Clinic.watchRequest(slot).setAfterRevision(after).build());
      while (watched.size() < answered.size()) watched.add(resumed.change());
      assertEquals(answered, watched);
      for (var i = 0; i < watched.size(); i += 1) assertEquals(i + 2, watched.get(i).getRevision());
      resumed.hangUp();
    }
  }

  private static void restart() throws Exception {
    var command = System.getenv("OPD_RESTART");
    assertEquals(0, new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start().waitFor());
  }

  /** Ends with the watch's own error. */
  private static void takeAll(Watch watch, List<QueueChange> taken) {
    for (; ; ) taken.add(watch.change());
  }

  /** Asks for one token after another, each until it is answered, under the same request_id. */
  private static List<QueueChange> keepAllocating(Clinic clinic, Slot slot, AtomicBoolean isOver) {
    List<QueueChange> answered = new ArrayList<>();
    while (!isOver.get()) {
      var request = Clinic.walkIn(slot).setRequestId(UUID.randomUUID().toString()).build();
      for (var isAnswered = false; !isAnswered; ) {
        try {
          answered.add(clinic.calls().allocateToken(request).getChange());
          isAnswered = true;
        } catch (StatusRuntimeException error) {
          assertEquals(Status.Code.UNAVAILABLE, error.getStatus().getCode());
        }
      }
    }
    return answered;
  }
}
