package conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import opd.v1.OpdServiceOuterClass.GetSlotRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import story.Refusal;

@TestInstance(TestInstance.Lifecycle.PER_METHOD)
class CallsTest {
  private final Clinic clinic = new Clinic();

  @AfterEach
  void close() {
    clinic.close();
  }

  @Test
  @DisplayName("a watch ends at its deadline")
  void deadline() {
    var slot = clinic.slot(1);
    var begun = System.nanoTime();
    var watch = Clinic.watch(clinic.stub.withDeadlineAfter(1_500, TimeUnit.MILLISECONDS), slot);
    assertEquals(Status.Code.DEADLINE_EXCEEDED, watch.end().getStatus().getCode());
    var took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
    assertTrue(took >= 1_400 && took < 4_000, took + " ms");
  }

  @Test
  @DisplayName("a call whose time has passed before it is sent ends at once")
  void passed() {
    var refusal = Refusal.of(() -> clinic.stub.withDeadlineAfter(-1, TimeUnit.SECONDS).getSlot(GetSlotRequest.getDefaultInstance()));
    assertEquals(Status.Code.DEADLINE_EXCEEDED, refusal.code());
  }

  @Test
  @DisplayName("a watch that is cancelled in mid-stream leaves its connection in use")
  void cancellation() {
    var slot = clinic.slot(1);
    var watch = clinic.watch(slot);
    clinic.calls().allocateToken(Clinic.walkIn(slot).build());
    assertEquals(2, watch.change().getRevision());
    watch.hangUp();
    assertEquals(Status.Code.CANCELLED, watch.end().getStatus().getCode());
    clinic.calls().allocateToken(Clinic.walkIn(slot).build());
    assertEquals(1, clinic.connections.size());
  }

  @Test
  @DisplayName("metadata of any kind is taken along; what the server sends comes before and after the answer")
  void metadata() {
    var slot = clinic.slot(1);
    var sent = new Metadata();
    sent.put(Metadata.Key.of("x-trace", Metadata.ASCII_STRING_MARSHALLER), "t".repeat(4_000));
    sent.put(Metadata.Key.of("x-trace-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {0, 1, (byte) 255});
    var headers = new AtomicReference<Metadata>();
    var trailers = new AtomicReference<Metadata>();
    clinic.calls()
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(sent))
        .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
        .getSlot(GetSlotRequest.newBuilder().setSlotId(slot.getId()).build());
    var kind = headers.get().get(Metadata.Key.of("content-type", Metadata.ASCII_STRING_MARSHALLER));
    assertTrue(kind != null && kind.startsWith("application/grpc"), headers::toString);
    assertTrue(trailers.get() != null);
  }

  @Test
  @DisplayName("a refusal's details can be read as the types that they are")
  void refusal() {
    var refusal = Refusal.of(() -> clinic.calls().getSlot(GetSlotRequest.newBuilder().setSlotId("slot_1").build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, refusal.code());
    assertEquals("INVALID_FIELDS", refusal.reason());
    assertEquals(List.of("slot_id"), refusal.wrong());
  }

  @Test
  @DisplayName("gzip is taken in requests, of calls and of watches")
  void gzip() {
    var slot = clinic.slot(2);
    var request = Clinic.walkIn(slot).setPatientRef("p".repeat(128)).build();
    var answer = clinic.calls().withCompression("gzip").allocateToken(request);
    assertEquals(request.getPatientRef(), answer.getToken().getPatientRef());
    Clinic.watch(clinic.stub.withCompression("gzip"), slot).hangUp();
  }
}
