typedef int operation(int, int);

int elsewhere(operation *operate, const int *numbers, int count);
