package story;

import io.grpc.Channel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import opd.v1.OpdServiceGrpc;
import opd.v1.OpdServiceGrpc.OpdServiceBlockingStub;
import opd.v1.OpdServiceOuterClass.AllocateTokenRequest;
import opd.v1.OpdServiceOuterClass.CancelTokenRequest;
import opd.v1.OpdServiceOuterClass.CreateDoctorRequest;
import opd.v1.OpdServiceOuterClass.CreateSlotRequest;
import opd.v1.OpdServiceOuterClass.GetQueueRequest;
import opd.v1.OpdServiceOuterClass.InsertEmergencyRequest;
import opd.v1.OpdServiceOuterClass.WatchQueueRequest;
import opd.v1.Resources.Doctor;
import opd.v1.Resources.QueueChange;
import opd.v1.Resources.QueueSnapshot;
import opd.v1.Resources.Slot;
import opd.v1.Resources.Token;
import opd.v1.Resources.TokenSource;

/** The front desk of one doctor on one day: a doctor and two slots of two seats. */
final class Desk {
  private static final String DATE = "2099-01-31";
  private static final int SECONDS_MAX = 10;

  final Slot nine;
  final Slot ten;
  /** What each command of the story has answered that it did to the day. */
  final List<QueueChange> answered = new ArrayList<>();

  private final OpdServiceBlockingStub stub;
  private final Doctor doctor;

  Desk(Channel channel) {
    stub = OpdServiceGrpc.newBlockingStub(channel);
    var request = CreateDoctorRequest.newBuilder().setName("Dr Rao").setTimeZone("Asia/Kolkata");
    doctor = calls().createDoctor(request.setRequestId(newId()).build()).getDoctor();
    nine = slot("09:00", "10:00");
    ten = slot("10:00", "11:00");
  }

  /** The stub for one call: with its deadline, and ready to wait for a connection where the server is just restarting. */
  private OpdServiceBlockingStub calls() {
    return stub.withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS).withWaitForReady();
  }

  static String newId() {
    return UUID.randomUUID().toString();
  }

  private Slot slot(String start, String end) {
    var request = CreateSlotRequest.newBuilder().setDoctorId(doctor.getId()).setDate(DATE);
    request.setStart(start).setEnd(end).setCapacity(2).setRequestId(newId());
    return calls().createSlot(request.build()).getSlot();
  }

  Token allocate(Slot slot, TokenSource source, String patient) {
    var request = AllocateTokenRequest.newBuilder().setSlotId(slot.getId()).setSource(source);
    var answer = calls().allocateToken(request.setPatientRef(patient).setRequestId(newId()).build());
    answered.add(answer.getChange());
    return answer.getToken();
  }

  /** Sends a request as it is: a second time under the same request_id it changes nothing. */
  QueueChange send(AllocateTokenRequest request) {
    return calls().allocateToken(request).getChange();
  }

  Token emergency(String patient) {
    var request = InsertEmergencyRequest.newBuilder().setSlotId(nine.getId()).setPatientRef(patient);
    var answer = calls().insertEmergency(request.setRequestId(newId()).build());
    answered.add(answer.getChange());
    return answer.getToken();
  }

  void cancel(Token token) {
    var request = CancelTokenRequest.newBuilder().setTokenId(token.getId()).setReason("called off");
    answered.add(calls().cancelToken(request.setRequestId(newId()).build()).getChange());
  }

  Watch watch() {
    return new Watch(stub, WatchQueueRequest.newBuilder().setDoctorId(doctor.getId()).setDate(DATE).build());
  }

  Watch watchAfter(int revision, String epoch) {
    var request = WatchQueueRequest.newBuilder().setDoctorId(doctor.getId()).setDate(DATE);
    return new Watch(stub, request.setAfterRevision(revision).setEpoch(epoch).build());
  }

  QueueSnapshot queue() {
    return calls().getQueue(GetQueueRequest.newBuilder().setDoctorId(doctor.getId()).setDate(DATE).build()).getQueue();
  }

  /** A change in a line. */
  String words(QueueChange change) {
    var starts = Map.of(nine.getId(), "09:00", ten.getId(), "10:00");
    var effects = change.getTokensList().stream().map(each -> String.join(" ",
        each.getKind().name().replace("KIND_", ""), each.getToken().getPatientRef(), starts.get(each.getToken().getSlotId())));
    return change.getRevision() + " " + change.getCause() + ": " + effects.collect(Collectors.joining(", "));
  }
}
