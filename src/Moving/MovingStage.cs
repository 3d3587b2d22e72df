namespace SessionStores.Moving;

/// <summary>Which of the two sides of a move leads. All nodes of an application go from one stage to the next, and may do so one after the other.</summary>
public enum MovingStage
{
    /// <summary>The old side leads: sessions are created there, and stay where they are. Sessions that are on the new side are found and used there. Nodes in
    /// this stage can run beside nodes that know only the old side, and beside nodes in the stage <see cref="Move"/>.</summary>
    Prepare = 1,

    /// <summary>The new side leads: sessions are created there, and each one that is used is moved there first. Nodes in this stage can run beside nodes in
    /// the stage <see cref="Prepare"/>, and, once the old side is empty, beside nodes that know only the new side.</summary>
    Move = 2,
}
