package conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import opd.v1.OpdServiceOuterClass.GetQueueRequest;
import opd.v1.OpdServiceOuterClass.GetSlotRequest;
import opd.v1.Resources.Slot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import story.Refusal;
import story.Watch;

@TestInstance(TestInstance.Lifecycle.PER_METHOD)
class LimitsTest {
  private static final int MEBIBYTE = 1 << 20;
  private final Clinic clinic = new Clinic();

  @AfterEach
  void close() {
    clinic.close();
  }

  @ParameterizedTest(name = "a request of mebibytes, {0}, is refused, and the connection goes on")
  @ValueSource(strings = {"identity", "gzip"})
  void large(String compression) {
    var slot = clinic.slot(1);
    var request = Clinic.walkIn(slot).setPatientRef("p".repeat(5 * MEBIBYTE)).build();
    var refusal = Refusal.of(() -> clinic.calls().withCompression(compression).allocateToken(request));
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.code());
    clinic.calls().allocateToken(Clinic.walkIn(slot).build());
    assertEquals(1, clinic.connections.size());
  }

  @Test
  @DisplayName("a full day fits the 4 MiB that clients take by default")
  void fullDay() throws Exception {
    var slot = clinic.slot(1_000);
    fill(slot, 10_000);
    var request = GetQueueRequest.newBuilder().setDoctorId(slot.getDoctorId()).setDate(Clinic.DATE).build();
    var answer = clinic.calls().getQueue(request);
    var queue = answer.getQueue().getSlots(0);
    assertEquals(10_000, queue.getSeatedCount() + queue.getWaitingCount());
    assertTrue(answer.getSerializedSize() > 3 * MEBIBYTE && answer.getSerializedSize() <= 4 * MEBIBYTE);
    clinic.watch(slot).hangUp();
  }

  /** Asks for tokens with references of 128 bytes, a hundred at a time. */
  private void fill(Slot slot, int count) throws Exception {
    var workers = Executors.newFixedThreadPool(100);
    var calls = IntStream.range(0, count).<Callable<Object>>mapToObj(number -> () ->
        clinic.calls().allocateToken(Clinic.walkIn(slot).setPatientRef(String.format("%0128d", number)).build()));
    for (var call : workers.invokeAll(calls.toList())) call.get();
    workers.shutdown();
  }

  @Test
  @DisplayName("a hundred streams share a connection, and the next call waits for one of them to end")
  void hundred() {
    var slot = clinic.slot(1);
    List<Watch> watches = new ArrayList<>();
    for (var number = 0; number < 100; number += 1) watches.add(clinic.watch(slot));
    try (var other = new Clinic()) {
      other.calls().allocateToken(Clinic.walkIn(slot).build());
    }
    for (var watch : watches) assertEquals(2, watch.change().getRevision());

    var request = GetSlotRequest.newBuilder().setSlotId(slot.getId()).build();
    var hurried = clinic.stub.withDeadlineAfter(500, TimeUnit.MILLISECONDS);
    assertEquals(Status.Code.DEADLINE_EXCEEDED, Refusal.of(() -> hurried.getSlot(request)).code());
    watches.get(0).hangUp();
    clinic.calls().getSlot(request);
    assertEquals(1, clinic.connections.size());
  }
}
